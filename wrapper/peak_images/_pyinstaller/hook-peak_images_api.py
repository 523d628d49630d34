"""Include the descriptions of the operations and the models, which are imported by name."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

datas = collect_data_files("peak_images_api")
hiddenimports = collect_submodules("peak_images_api")
