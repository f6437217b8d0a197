"""DICOM: pictures that scanners and archives send, by C-STORE and by STOW-RS."""
