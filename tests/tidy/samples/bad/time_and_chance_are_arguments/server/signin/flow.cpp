auto now = std::chrono::system_clock::now();
std::random_device chance;
auto then = time(nullptr);
auto good = clock.now();
