#include "load.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <stdexcept>

namespace madoguchi::bench {
namespace {

int connect_to(std::uint16_t port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error(fmt::format("no connection to port {}", port));
    }
    return descriptor;
}

std::size_t content_length(std::string_view head) {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const auto at = head.find(kName);
    std::size_t length = 0;
    if (at != std::string_view::npos) {
        const auto text = head.substr(at + kName.size());
        std::from_chars(text.data(), text.data() + text.size(), length);
    }
    return length;
}

struct Loop;

struct Wire {
    int descriptor = -1;
    std::string received = {};
    Loop* loop = nullptr;
};

struct Loop {
    Conversation* conversation = nullptr;
    std::map<std::uint16_t, Wire> wires = {};
    Steady::time_point asked = {};
};

class Runner {
public:
    Runner() : poll_(epoll_create1(EPOLL_CLOEXEC)) {}
    ~Runner() {
        for (const auto& loop : loops_) {
            for (const auto& [port, wire] : loop->wires) {
                close(wire.descriptor);
            }
        }
        close(poll_);
    }
    Runner(const Runner&) = delete;
    Runner& operator=(const Runner&) = delete;

    void add(Conversation& conversation) {
        loops_.push_back(std::make_unique<Loop>(Loop{.conversation = &conversation}));
        step(*loops_.back(), nullptr);
    }

    void run() {
        std::array<epoll_event, 64> events{};
        while (speaking_ > 0) {
            const int count = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 30'000);
            if (count == 0) {
                throw std::runtime_error("no answer for 30 s");
            }
            for (int i = 0; i < count; ++i) {
                receive(*static_cast<Wire*>(events.at(static_cast<std::size_t>(i)).data.ptr));
            }
        }
    }

private:
    void step(Loop& loop, const Reply* reply) {
        speaking_ -= reply == nullptr ? 0 : 1;
        auto call = loop.conversation->next(reply);
        if (!call) {
            return;
        }
        ++speaking_;
        auto [found, fresh] = loop.wires.try_emplace(call->port);
        if (fresh) {
            found->second.descriptor = connect_to(call->port);
            found->second.loop = &loop;
            epoll_event event{.events = EPOLLIN, .data = {.ptr = &found->second}};
            epoll_ctl(poll_, EPOLL_CTL_ADD, found->second.descriptor, &event);
        }
        loop.asked = Steady::now();
        const auto sent = ::send(found->second.descriptor, call->bytes.data(), call->bytes.size(), MSG_NOSIGNAL);
        if (sent != static_cast<ssize_t>(call->bytes.size())) {
            throw std::runtime_error("a request could not be sent");
        }
    }

    void receive(Wire& wire) {
        std::array<char, 16384> buffer{};
        const auto count = ::recv(wire.descriptor, buffer.data(), buffer.size(), 0);
        if (count <= 0) {
            throw std::runtime_error("the server closed a connection");
        }
        wire.received.append(buffer.data(), static_cast<std::size_t>(count));
        const auto end = wire.received.find("\r\n\r\n");
        if (end == std::string::npos) {
            return;
        }
        const auto head = std::string_view(wire.received).substr(0, end);
        const auto length = content_length(head);
        if (wire.received.size() < end + 4 + length) {
            return;
        }
        Reply reply{.took = Steady::now() - wire.loop->asked};
        std::from_chars(head.data() + 9, head.data() + 12, reply.status);  // "HTTP/1.1 200"
        const std::string body = wire.received.substr(end + 4, length);
        reply.body = body;
        wire.received.clear();
        step(*wire.loop, &reply);
    }

    int poll_;
    int speaking_ = 0;
    std::vector<std::unique_ptr<Loop>> loops_;
};

}  // namespace

void converse(const std::vector<Conversation*>& conversations) {
    Runner runner;
    for (auto* conversation : conversations) {
        runner.add(*conversation);
    }
    runner.run();
}

std::string request(const RequestParts& parts) {
    std::string out = fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n{}", parts.method,
                                  parts.target, parts.extra_headers);
    if (!parts.json.empty()) {
        out += fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", parts.json.size());
    }
    out += "\r\n";
    out += parts.json;
    return out;
}

std::string_view json_text(std::string_view json, std::string_view name) {
    const auto start = json.find(fmt::format("\"{}\":\"", name));
    if (start == std::string_view::npos) {
        return {};
    }
    const auto text = json.substr(start + name.size() + 4);
    return text.substr(0, text.find('"'));
}

}  // namespace madoguchi::bench
