"""The pages; the only place that imports gradio."""
