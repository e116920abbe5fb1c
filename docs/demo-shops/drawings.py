"""stub"""
DEFAULT_COLOURS = ("Moss", "Slate", "Sand")
def file_name(drawing, colour): return f"p-{drawing}-{colour}.svg"
def draw(stem): return "<svg/>"
