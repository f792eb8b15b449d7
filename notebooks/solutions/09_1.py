"""An uploader, a picker and a live view in one box; the uploader gives its photo to the picker."""

import ipywidgets as widgets

import akool_nb
from akool_nb.widgets import FacePicker, ImageUploader, LiveView

client = akool_nb.connect()
my_uploader = ImageUploader()
my_picker = FacePicker(client=client)
my_uploader.on_photo(my_picker.detect)
app = answer = widgets.VBox(
    [
        widgets.HTML("<h3>Choose a photo</h3>"),
        my_uploader,
        widgets.HTML("<h3>Choose a face</h3>"),
        my_picker,
        widgets.HTML("<h3>Go live</h3>"),
        LiveView(create=lambda: client.create(my_picker.sources)),
    ]
)
