//! Where a log comes from: the service, a file, or standard input.
