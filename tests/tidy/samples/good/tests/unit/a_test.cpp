int wait_with_deadline();
