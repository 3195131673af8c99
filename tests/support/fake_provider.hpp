// A telephone provider on a real socket that does what a test tells it: answers, hangs, hangs up, talks nonsense.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace madoguchi::test {

class FakeProvider {
public:
    struct Seen {
        std::string target;  // "/2010-04-01/Accounts/AC1/Messages.json"
        std::string head;    // request line and headers
        std::string body;
    };
    /// The bytes to answer with; empty: hang up without a word.
    using Answer = std::function<std::string(const Seen&)>;

    FakeProvider();
    ~FakeProvider();
    FakeProvider(const FakeProvider&) = delete;
    FakeProvider& operator=(const FakeProvider&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    int port() const { return port_; }
    void answer(Answer answer);
    /// Takes requests and says nothing, until the test is over.
    void hang();
    std::vector<Seen> seen() const;

private:
    void accept_all();
    void serve(int connection);

    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> stopping_ = false;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool hanging_ = false;
    Answer answer_;
    std::vector<Seen> seen_;
    std::vector<std::thread> connections_;
    std::thread acceptor_;
};

/// A port where nobody listens.
int closed_port();

std::string http_answer(int status, const std::string& body, const std::string& more_headers = "");

}  // namespace madoguchi::test
