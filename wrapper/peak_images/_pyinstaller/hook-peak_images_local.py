"""Include the contract, the pages' files and all modules: an application may start a service, or serve one."""

from PyInstaller.utils.hooks import collect_data_files, collect_submodules

datas = collect_data_files("peak_images_local")
hiddenimports = collect_submodules("peak_images_local", filter=lambda name: "pytest" not in name)
