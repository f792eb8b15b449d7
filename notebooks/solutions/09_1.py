"""An uploader, a picker and a live view, one below the other."""

import ipywidgets as widgets

import akool_nb
from akool_nb.widgets import FacePicker, ImageUploader, LiveView

client = akool_nb.connect()
answer = widgets.VBox(
    [
        widgets.HTML("<h3>Choose a photo</h3>"),
        ImageUploader(),
        widgets.HTML("<h3>Choose a face</h3>"),
        FacePicker(client=client),
        widgets.HTML("<h3>Go live</h3>"),
        LiveView(),
    ]
)
