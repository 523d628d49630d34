"""Include all modules: a command's module is imported by its name."""

from PyInstaller.utils.hooks import collect_submodules

hiddenimports = collect_submodules("peak_images_cli")
