"""Whether a company's own back end keeps the contract: rules that are tried against it, and findings in words."""
