"""Other people's packages at the same work: `environment` installs them apart from us, `work` runs inside of one."""
