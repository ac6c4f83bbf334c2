"""The pages: chat for patients, desk for staff, JSON interface; the only place that imports gradio.

Import order, one way: voice, article_html, answer_html, asking, security, feedback, chat, sheets,
desk, api, server.
"""
