// One listener: sockets, threads and time limits around a Dispatcher. All Pistache types end in edge.cpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "http/dispatcher.hpp"

namespace madoguchi::http {

struct EdgeSettings {
    std::string listen = "127.0.0.1:0";  // address:port; port 0 lets the kernel choose
    int threads = 2;
    std::chrono::milliseconds header_timeout = limits::kHeaderTimeout;
    std::chrono::milliseconds body_timeout = limits::kBodyTimeout;
    std::chrono::milliseconds keep_alive_timeout = limits::kKeepAliveTimeout;
};

enum class StopOutcome { drained, deadline_passed };

class HttpEdge {
public:
    /// `dispatcher` outlives the edge.
    HttpEdge(EdgeSettings settings, const Dispatcher& dispatcher);
    ~HttpEdge();
    HttpEdge(const HttpEdge&) = delete;
    HttpEdge& operator=(const HttpEdge&) = delete;

    /// Binds and serves on threads of its own. Errors: unavailable (`cannot_listen`), the detail says why.
    Result<void> start();
    /// The port that is listened on; 0 before start().
    std::uint16_t port() const;

    /// From here on new connections are refused and answers close the kept ones. Waits until every request whose head
    /// has arrived is answered and on the wire, at most `deadline`, then shuts down. May be called twice; a handler
    /// that runs on is waited for.
    StopOutcome stop(std::chrono::milliseconds deadline = limits::kDrainTimeout);

private:
    class Server;

    EdgeSettings settings_;
    const Dispatcher& dispatcher_;
    std::unique_ptr<Server> server_;
};

}  // namespace madoguchi::http
