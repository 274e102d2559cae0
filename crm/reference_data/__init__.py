"""Reference data shipped with the product."""

from crm.reference_data.cities import CityDataError, CityEntry, load_cities

__all__ = ["CityDataError", "CityEntry", "load_cities"]
