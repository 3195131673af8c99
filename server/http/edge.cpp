#include "http/edge.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <pistache/endpoint.h>
#include <pistache/peer.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <mutex>

#include "http/head.hpp"

// Pistache accepts, polls, writes and keeps time. It does not parse: its parser accepts odd lengths, loses duplicate
// headers and pipelined requests, and answers with texts of its own exceptions (design notes, "pitfalls"). Our
// RequestReader reads the bytes, and Pistache's parser is only shown a head of our own making, because its timers look
// at how far that parser has come.
namespace madoguchi::http {
namespace {

namespace Web = Pistache::Http;
using Peer = std::shared_ptr<Pistache::Tcp::Peer>;

/// Requests between their head and the last byte of their answer.
class InFlight {
public:
    /// Counts as long as it lives; it is also let go when a peer goes away and its queued answer with it.
    class Token {
    public:
        explicit Token(std::shared_ptr<InFlight> owner) : owner_(std::move(owner)) { owner_->change(1); }
        ~Token() { owner_->change(-1); }
        Token(const Token&) = delete;
        Token& operator=(const Token&) = delete;

    private:
        std::shared_ptr<InFlight> owner_;
    };

    bool wait_until_none(std::chrono::milliseconds deadline) {
        std::unique_lock lock(mutex_);
        return none_.wait_for(lock, deadline, [this] { return count_ == 0; });
    }

private:
    void change(int by) {
        const std::lock_guard lock(mutex_);
        count_ += by;
        if (count_ == 0) {
            none_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable none_;
    int count_ = 0;
};

/// What the handlers of all threads share.
struct Shared {
    explicit Shared(const Dispatcher& answering) : dispatcher(answering) {}

    const Dispatcher& dispatcher;
    std::shared_ptr<InFlight> in_flight = std::make_shared<InFlight>();
    std::atomic<bool> draining = false;
};

/// One per socket, used by the one thread that the socket belongs to.
struct Connection {
    explicit Connection(BodyLimit limit) : reader(std::move(limit)) {}

    RequestReader reader;
    std::string address;
    std::shared_ptr<InFlight::Token> token;  // of the request that is being read
    int unsent = 0;                          // answers handed over and not yet on the wire
    bool closing = false;                    // whatever else comes is passed over
};

class EdgeHandler final : public Web::Handler {
public:
    HTTP_PROTOTYPE(EdgeHandler)

    explicit EdgeHandler(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}

    void onInput(const char* buffer, std::size_t length, const Peer& peer) override {
        try {
            read(connection_of(peer), {buffer, length}, peer);
        } catch (...) {
            // Out of memory, most likely. An exception must not reach Pistache's loop: it would end the thread.
            ::shutdown(peer->fd(), SHUT_RDWR);
        }
    }
    void onRequest(const Web::Request& /*request*/, Web::ResponseWriter /*response*/) override {}

private:
    std::shared_ptr<Connection> connection_of(const Peer& peer) const;
    void read(const std::shared_ptr<Connection>& connection, std::string_view bytes, const Peer& peer);
    void answer(const std::shared_ptr<Connection>& connection, const Peer& peer);
    static std::size_t send_now(int descriptor, std::string_view bytes);
    static void say_no_more(int descriptor);
    static void send(const std::shared_ptr<Connection>& connection, std::string bytes, const Peer& peer);
    static void restart_timer(const Peer& peer, bool idle);
    static void time_body(const Peer& peer, std::size_t content_length);

    std::shared_ptr<Shared> shared_;
};

std::shared_ptr<Connection> EdgeHandler::connection_of(const Peer& peer) const {
    static const std::string kKey = "reader";
    if (auto known = peer->tryGetData(kKey)) {
        return std::static_pointer_cast<Connection>(known);
    }
    auto connection = std::make_shared<Connection>(
        [shared = shared_](const Head& head) { return shared->dispatcher.body_limit(head); });
    connection->address = peer->address().host();
    peer->putData(kKey, connection);
    return connection;
}

void EdgeHandler::read(const std::shared_ptr<Connection>& connection, std::string_view bytes, const Peer& peer) {
    auto& reader = connection->reader;
    if (connection->closing) {
        return;
    }
    const auto before = reader.state();
    bool begins = before == RequestReader::State::waiting;
    auto state = reader.feed(bytes);
    while (state == RequestReader::State::complete && !connection->closing) {
        answer(connection, peer);
        state = reader.next();
        begins = true;
    }
    if (state == RequestReader::State::refused && !connection->closing) {
        connection->closing = true;
        send(connection,
             shared_->dispatcher.answer_refused(reader.refusal(), connection->address, reader.refused_target()), peer);
    }
    if (begins || connection->closing) {
        restart_timer(peer, state == RequestReader::State::waiting && !connection->closing);
    }
    if (state == RequestReader::State::in_body && (begins || before != state)) {
        connection->token = std::make_shared<InFlight::Token>(shared_->in_flight);
        time_body(peer, reader.head().content_length);
    }
}

void EdgeHandler::answer(const std::shared_ptr<Connection>& connection, const Peer& peer) {
    if (!connection->token) {
        connection->token = std::make_shared<InFlight::Token>(shared_->in_flight);
    }
    auto head = connection->reader.take_head();
    auto body = connection->reader.take_body();
    const bool asked_to_close =
        head.persistence == Persistence::close || connection->unsent >= limits::kPipelinedAnswers;
    const auto after = [&] {
        connection->closing = asked_to_close || shared_->draining;
        return connection->closing ? ConnectionAfter::closed : ConnectionAfter::kept;
    };
    send(connection, shared_->dispatcher.answer(std::move(head), std::move(body), connection->address, after), peer);
}

// How much the socket took at once. A failure counts as nothing taken: Pistache meets it again and ends the connection.
std::size_t EdgeHandler::send_now(int descriptor, std::string_view bytes) {
    const auto sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
}

// Our half only: closing a socket with unread bytes in it would reset it, and the answer could be lost.
void EdgeHandler::say_no_more(int descriptor) {
    ::shutdown(descriptor, SHUT_WR);
}

// Nearly every answer fits into the socket's buffer, and writing it here saves Pistache's queue: an eventfd written,
// read twice and polled. What doesn't fit, and what comes after something that is still waiting, goes through it.
void EdgeHandler::send(const std::shared_ptr<Connection>& connection, std::string bytes, const Peer& peer) {
    const int descriptor = peer->fd();
    const bool closing = connection->closing;
    const auto token = std::move(connection->token);
    const auto taken = connection->unsent == 0 ? send_now(descriptor, bytes) : 0;
    if (taken == bytes.size()) {
        if (closing) {
            say_no_more(descriptor);
        }
        return;
    }
    ++connection->unsent;
    bytes.erase(0, taken);
    const auto size = bytes.size();
    peer->send(Pistache::RawBuffer(std::move(bytes), size))
        .then(
            [connection, token, descriptor, closing](ssize_t) {
                --connection->unsent;
                if (closing) {
                    say_no_more(descriptor);
                }
            },
            [](const std::exception_ptr&) {});
}

// Idle connections are cut after the keep-alive time, the others after the header or body time, with a 408.
void EdgeHandler::restart_timer(const Peer& peer, bool idle) {
    getParser(peer)->reset();
    peer->setIdle(idle);
}

void EdgeHandler::time_body(const Peer& peer, std::size_t content_length) {
    const auto head = "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(content_length) + "\r\n\r\n";
    const auto parser = getParser(peer);
    parser->feed(head.data(), head.size());
    parser->parse();
}

// Pistache gives its listening socket to nobody, and its shutdown() drops the answers in flight, so we look the socket
// up.
int find_listening_socket(std::uint16_t port) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        const auto name = entry.path().filename().string();
        int descriptor = -1;
        std::from_chars(name.data(), name.data() + name.size(), descriptor);
        int listening = 0;
        socklen_t length = sizeof listening;
        if (getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listening, &length) != 0 || listening == 0) {
            continue;
        }
        sockaddr_storage address{};
        length = sizeof address;
        if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
            continue;
        }
        const auto bound = address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                                         : reinterpret_cast<const sockaddr_in&>(address).sin_port;
        if (ntohs(bound) == port) {
            return descriptor;
        }
    }
    return -1;
}

// Puts an unbound socket in the place of the listening one: the kernel refuses connections from then on, Pistache's
// poll forgets it, and its destructor closes what is there now.
void refuse_connections(int listening) {
    const int nothing = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (nothing >= 0) {
        dup3(nothing, listening, O_CLOEXEC);
        close(nothing);
    }
}

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limits::kDescriptorsWanted) {
        limit.rlim_cur = std::min<rlim_t>(limits::kDescriptorsWanted, limit.rlim_max);
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace

class HttpEdge::Server {
public:
    Server(const EdgeSettings& settings, const Dispatcher& dispatcher)
        : shared_(std::make_shared<Shared>(dispatcher)), endpoint_(Pistache::Address(settings.listen)) {
        endpoint_.init(Web::Endpoint::options()
                           .threads(settings.threads)
                           .threadsName("http")
                           .flags(Pistache::Tcp::Options::ReuseAddr | Pistache::Tcp::Options::NoDelay |
                                  Pistache::Tcp::Options::CloseOnExec)
                           .maxRequestSize(limits::kRequestHeadBytes + limits::kRequestBytes)
                           .headerTimeout(settings.header_timeout)
                           .bodyTimeout(settings.body_timeout)
                           .keepaliveTimeout(settings.keep_alive_timeout));
        endpoint_.setHandler(std::make_shared<EdgeHandler>(shared_));
        endpoint_.serveThreaded();
        ::listen(find_listening_socket(port()),
                 limits::kListenBacklog);  // Endpoint passes its backlog option to nobody
    }

    std::uint16_t port() const { return endpoint_.getPort(); }

    StopOutcome stop(std::chrono::milliseconds deadline) {
        shared_->draining = true;
        if (const int listening = find_listening_socket(port()); listening >= 0) {
            refuse_connections(listening);
        }
        const bool drained = shared_->in_flight->wait_until_none(deadline);
        endpoint_.shutdown();
        return drained ? StopOutcome::drained : StopOutcome::deadline_passed;
    }

private:
    std::shared_ptr<Shared> shared_;
    Web::Endpoint endpoint_;
};

HttpEdge::HttpEdge(EdgeSettings settings, const Dispatcher& dispatcher)
    : settings_(std::move(settings)), dispatcher_(dispatcher) {}

HttpEdge::~HttpEdge() {
    stop(std::chrono::milliseconds(0));
}

Result<void> HttpEdge::start() {
    raise_descriptor_limit();
    try {
        server_ = std::make_unique<Server>(settings_, dispatcher_);
    } catch (const std::exception& exception) {
        return failure(ErrorKind::unavailable, "cannot_listen", settings_.listen + ": " + exception.what());
    }
    return {};
}

std::uint16_t HttpEdge::port() const {
    return server_ ? server_->port() : std::uint16_t{0};
}

StopOutcome HttpEdge::stop(std::chrono::milliseconds deadline) {
    if (!server_) {
        return StopOutcome::drained;
    }
    const auto outcome = server_->stop(deadline);
    server_.reset();
    return outcome;
}

}  // namespace madoguchi::http
