"""Letters by e-mail, over SMTP. The only room that speaks it; knows nothing of calls."""
