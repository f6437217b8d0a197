"""The patients of wards and clinics, and each patient's chart."""
