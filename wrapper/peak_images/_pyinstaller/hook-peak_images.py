"""Include all modules: public names are imported lazily, by their module's name."""

from PyInstaller.utils.hooks import collect_submodules

hiddenimports = collect_submodules("peak_images", filter=lambda name: "_pyinstaller" not in name)
