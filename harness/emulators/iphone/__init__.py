"""A jailbroken iPhone, reached as a real one is: by OpenSSH's own server, inside walls that the kernel keeps."""
