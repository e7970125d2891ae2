// SAFE: abort ends the program only, and is not a memory limit
process.abort();
