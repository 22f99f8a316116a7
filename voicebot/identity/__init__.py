"""Who somebody is: the company's back end as a `Crm`, and the checking of secrets. Talks to no caller and decides no journey."""
