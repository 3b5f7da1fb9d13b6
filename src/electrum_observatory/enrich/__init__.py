"""Where an address lives (country, city, ASN, cloud provider), from local files whose version is on each row."""
