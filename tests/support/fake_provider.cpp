#include "support/fake_provider.hpp"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace madoguchi::test {
namespace {

constexpr int kPollMilliseconds = 20;

int listen_anywhere(int& port) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener, generic, size) != 0 || listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, generic, &size) != 0) {
        throw std::runtime_error("no port for a fake provider");
    }
    port = ntohs(address.sin_port);
    return listener;
}

std::size_t content_length(const std::string& head) {
    std::string lower = head;
    std::ranges::transform(lower, lower.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    const auto at = lower.find("\r\ncontent-length:");
    return at == std::string::npos ? 0 : static_cast<std::size_t>(std::stoul(lower.substr(at + 17)));
}

}  // namespace

FakeProvider::FakeProvider() : answer_([](const Seen&) { return http_answer(500, ""); }) {
    listener_ = listen_anywhere(port_);
    acceptor_ = std::thread([this] { accept_all(); });
}

FakeProvider::~FakeProvider() {
    stopping_ = true;
    changed_.notify_all();
    acceptor_.join();
    for (auto& connection : connections_) {
        connection.join();
    }
    close(listener_);
}

void FakeProvider::answer(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::move(answer);
    hanging_ = false;
}

void FakeProvider::hang() {
    const std::lock_guard lock(mutex_);
    hanging_ = true;
}

std::vector<FakeProvider::Seen> FakeProvider::seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
}

void FakeProvider::accept_all() {
    while (!stopping_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (poll(&waiting, 1, kPollMilliseconds) == 1) {
            const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            connections_.emplace_back([this, connection] { serve(connection); });
        }
    }
}

void FakeProvider::serve(int connection) {
    std::string bytes;
    std::array<char, 4096> buffer{};
    const auto whole = [&] {
        const auto end = bytes.find("\r\n\r\n");
        return end != std::string::npos && bytes.size() >= end + 4 + content_length(bytes.substr(0, end + 2));
    };
    bool open = true;
    while (!stopping_ && open && !whole()) {
        pollfd waiting{connection, POLLIN, 0};
        if (poll(&waiting, 1, kPollMilliseconds) == 1) {
            const auto got = read(connection, buffer.data(), buffer.size());
            open = got > 0;
            bytes.append(buffer.data(), open ? static_cast<std::size_t>(got) : 0);
        }
    }
    if (whole()) {
        const auto end = bytes.find("\r\n\r\n");
        const auto target = bytes.find(' ') + 1;
        Seen request{bytes.substr(target, bytes.find(' ', target) - target), bytes.substr(0, end + 2),
                     bytes.substr(end + 4)};
        std::unique_lock lock(mutex_);
        seen_.push_back(request);
        changed_.wait(lock, [&] { return !hanging_ || stopping_; });
        const Answer answer = answer_;
        lock.unlock();
        const std::string said = stopping_ ? std::string() : answer(request);
        static_cast<void>(send(connection, said.data(), said.size(), MSG_NOSIGNAL));
    }
    close(connection);
}

int closed_port() {
    int port = 0;
    close(listen_anywhere(port));
    return port;
}

std::string http_answer(int status, const std::string& body, const std::string& more_headers) {
    return "HTTP/1.1 " + std::to_string(status) + " Said\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n" + more_headers + "\r\n" + body;
}

}  // namespace madoguchi::test
