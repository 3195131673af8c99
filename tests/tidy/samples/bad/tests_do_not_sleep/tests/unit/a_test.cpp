std::this_thread::sleep_for(1s);
usleep(3);
sleep(1);
