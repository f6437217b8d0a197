"""What the invented chart is written with: analytes, diseases, medicines and other catalogues."""
