"""Scripts that train and export the encoders; nothing that is served imports them."""
