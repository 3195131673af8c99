// A client that sends exactly the bytes it is told to, on loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <string_view>

#include "unit/http_fixture.hpp"

namespace madoguchi::http::testing {

class EdgeClient {
public:
    explicit EdgeClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~EdgeClient() { ::close(socket_); }
    EdgeClient(const EdgeClient&) = delete;
    EdgeClient& operator=(const EdgeClient&) = delete;

    bool connected() const { return connected_; }

    void send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) {
                return;
            }
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }

    /// One whole answer; status 0 if none came in time or the connection ended before.
    Answer receive(std::chrono::milliseconds deadline = std::chrono::seconds(20), BodyOnWire body = BodyOnWire::sent) {
        const auto until = std::chrono::steady_clock::now() + deadline;
        do {
            const auto end = buffer_.find("\r\n\r\n");
            if (end != std::string::npos) {
                auto answer = read_answer(std::string_view(buffer_).substr(0, end + 4));
                const auto length = answer.header("Content-Length");
                const auto bytes = body == BodyOnWire::sent && !length.empty() ? std::stoul(length) : 0;
                if (buffer_.size() >= end + 4 + bytes) {
                    answer.body = buffer_.substr(end + 4, bytes);
                    buffer_.erase(0, end + 4 + bytes);
                    return answer;
                }
            }
        } while (read_more(until));
        return {};
    }

    Answer ask(std::string_view bytes) {
        send(bytes);
        return receive();
    }

    /// Whether the other end closes in time; answers that come before are passed over.
    bool is_closed_within(std::chrono::milliseconds deadline) {
        const auto until = std::chrono::steady_clock::now() + deadline;
        while (read_more(until)) {
        }
        return closed_;
    }

private:
    bool read_more(std::chrono::steady_clock::time_point until) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd wanted{socket_, POLLIN, 0};
        if (closed_ || left.count() <= 0 || ::poll(&wanted, 1, static_cast<int>(left.count())) <= 0) {
            return false;
        }
        char bytes[16384];
        const auto got = ::recv(socket_, bytes, sizeof bytes, 0);
        closed_ = got <= 0;
        buffer_.append(bytes, got > 0 ? static_cast<std::size_t>(got) : 0);
        return !closed_;
    }

    int socket_;
    bool connected_ = false;
    bool closed_ = false;
    std::string buffer_;
};

}  // namespace madoguchi::http::testing
