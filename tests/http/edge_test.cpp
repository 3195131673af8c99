// The edge on a real loopback port, asked by a client that may misbehave in any way (S29).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

#include "base/limits.hpp"
#include "http/edge.hpp"
#include "http/edge_client.hpp"

namespace madoguchi::http {
namespace {

using namespace std::chrono_literals;
using testing::EdgeClient;
using ::testing::HasSubstr;
using testing::World;

/// Opened by the test; a handler waits at it.
class Gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    void pass() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        changed_.wait_for(lock, 30s, [this] { return open_; });
    }
    bool wait_for_visitor() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 30s, [this] { return waiting_ > 0; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int waiting_ = 0;
};

class Edge : public ::testing::Test {
protected:
    Edge() {
        auto& routes = world.routes;
        routes.plain(Method::get, "/hello",
                     [](const Request&) -> Result<Response> { return Response::text(200, "hello"); });
        routes.plain(Method::get, "/throws",
                     [](const Request&) -> Result<Response> { throw std::runtime_error("hunter2"); });
        routes.plain(Method::get, "/throws-int", [](const Request&) -> Result<Response> { throw 42; });
        routes.plain(Method::get, "/waits", [this](const Request&) -> Result<Response> {
            gate.pass();
            return Response::text(200, "waited");
        });
        routes.plain(Method::get, "/cookies", [](const Request&) -> Result<Response> {
            return Response::text(200, "").with_cookie({"a", "1"}).with_cookie({"b", "2"}).with_cookie({"c", "3", 0s});
        });
        routes.plain(Method::get, "/big", [](const Request&) -> Result<Response> {
            return Response::text(200, std::string(4'000'000, 'x'));
        });
        routes.api(Method::post, "/api/echo",
                   [](const Request& request) -> Result<Response> { return Response::text(200, request.body); });
    }

    void start(EdgeSettings settings = {}) {
        dispatcher = std::make_unique<Dispatcher>(world.dispatcher());
        edge = std::make_unique<HttpEdge>(settings, *dispatcher);
        const auto started = edge->start();
        ASSERT_TRUE(started) << started.error().detail;
    }
    EdgeClient client() const { return EdgeClient(edge->port()); }
    static std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"; }
    static std::string post(const std::string& body) {
        return "POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body;
    }

    World world;
    Gate gate;
    std::unique_ptr<Dispatcher> dispatcher;
    std::unique_ptr<HttpEdge> edge;
};

TEST_F(Edge, AnswersAndKeepsTheConnection) {
    start();
    auto one = client();
    for (int i = 0; i < 3; ++i) {
        const auto answer = one.ask(get("/hello"));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.body, "hello");
        EXPECT_EQ(answer.header("Connection"), "keep-alive");
    }
    EXPECT_EQ(one.ask(post("{}")).body, "{}");
    EXPECT_EQ(one.ask("GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").header("Connection"), "close");
    EXPECT_TRUE(one.is_closed_within(5s));
    auto old = client();
    EXPECT_EQ(old.ask("GET /hello HTTP/1.0\r\n\r\n").body, "hello");
    EXPECT_TRUE(old.is_closed_within(5s));
}

TEST_F(Edge, AnswersPipelinedRequestsInOrderAndCutsAFlood) {
    start();
    auto one = client();
    one.send(get("/hello") + post("[1]") + get("/missing"));
    EXPECT_EQ(one.receive().body, "hello");
    EXPECT_EQ(one.receive().body, "[1]");
    EXPECT_EQ(one.receive().status, 404);
    auto flood = client();
    std::string many;
    for (int i = 0; i < 5000; ++i) {
        many += get("/big");
    }
    flood.send(many);
    EXPECT_TRUE(flood.is_closed_within(30s));
    EXPECT_EQ(client().ask(get("/hello")).status, 200);
}

TEST_F(Edge, AnAnswerBehindALargeOneWaitsForIt) {
    start();
    auto one = client();
    one.send(get("/big") + get("/hello") + get("/big"));  // the socket takes a part of the first at once
    const std::string big(4'000'000, 'x');
    EXPECT_TRUE(one.receive().body == big);
    EXPECT_EQ(one.receive().body, "hello");
    EXPECT_TRUE(one.receive().body == big);
}

TEST_F(Edge, SendsSeveralCookies) {
    start();
    const auto cookies = client().ask(get("/cookies")).all("Set-Cookie");
    ASSERT_EQ(cookies.size(), 3U);
    EXPECT_EQ(cookies[0], "a=1; Path=/; Secure; HttpOnly; SameSite=Lax");
    EXPECT_THAT(cookies[2], HasSubstr("Max-Age=0"));
}

TEST_F(Edge, HeadHasLengthAndNoBody) {
    start();
    auto one = client();
    one.send("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto head = one.receive(20s, BodyOnWire::left_out);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), "5");
    EXPECT_EQ(one.ask(get("/hello")).body, "hello");
}

TEST_F(Edge, RefusesMalformedRequestsAndCloses) {
    start();
    const std::string start_of_post = "POST /api/echo HTTP/1.1\r\nHost: x\r\n";
    const std::vector<std::pair<std::string, int>> cases = {
        {"nonsense\r\n\r\n", 400},
        {std::string("\0\0\0\0\r\n\r\n", 8), 400},
        {"\x16\x03\x01\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n", 400},
        {start_of_post + "Content-Length: abc\r\n\r\n", 400},
        {start_of_post + "Content-Length: -1\r\n\r\n", 400},
        {start_of_post + "Content-Length: +5\r\n\r\nhello", 400},
        {start_of_post + "Content-Length: 5, 5\r\n\r\nhello", 400},
        {start_of_post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", 400},
        {start_of_post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {start_of_post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello", 400},
        {start_of_post + "Content-Length: 70000\r\n\r\n", 413},
        {"GET /hello HTTP/1.1\r\nHost: x\r\nA: " + std::string(30000, 'a') + "\r\n\r\n", 431},
        {"GET /" + std::string(30000, 'a'), 431}};
    for (const auto& [bytes, status] : cases) {
        auto one = client();
        const auto answer = one.ask(bytes);
        EXPECT_EQ(answer.status, status) << bytes.substr(0, 100);
        EXPECT_EQ(answer.header("X-Request-Id").size(), 16U);
        EXPECT_TRUE(one.is_closed_within(5s)) << bytes.substr(0, 100);
    }
    EXPECT_EQ(client().ask(get("/hello")).status, 200);
}

TEST_F(Edge, RefusesByStatusAndGoesOn) {
    start();
    auto one = client();
    EXPECT_EQ(one.ask(get("/missing")).status, 404);
    EXPECT_EQ(one.ask(get("//hello")).status, 400);
    EXPECT_EQ(one.ask(get("/a/../hello")).status, 400);
    const auto wrong = one.ask("DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("Allow"), "GET, HEAD");
    EXPECT_EQ(
        one.ask("POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 1\r\n\r\nx").status,
        415);
    EXPECT_EQ(one.ask("GET /hello HTTP/1.1\r\nHost: x\r\nCookie: no-equals-sign\r\n\r\n").status, 200);
    EXPECT_EQ(one.ask(get("/hello")).status, 200);
}

TEST_F(Edge, SurvivesFortyThousandSlashes) {
    start();
    EXPECT_EQ(client().ask(get(std::string(40000, '/'))).status, 431);
    EXPECT_EQ(client().ask(get("/" + std::string(10000, '/'))).status, 400);
    EXPECT_EQ(client().ask(get("/hello")).status, 200);
}

TEST_F(Edge, ExceptionsHaveFixedBodies) {
    start();
    auto one = client();
    for (const auto* target : {"/throws", "/throws-int"}) {
        const auto answer = one.ask(get(target));
        EXPECT_EQ(answer.status, 500);
        EXPECT_EQ(answer.body.find("hunter2"), std::string::npos);
    }
    EXPECT_EQ(one.ask(get("/hello")).status, 200);
}

TEST_F(Edge, CutsSlowHeadersAndBodies) {
    EdgeSettings settings;
    settings.header_timeout = 1s;
    settings.body_timeout = 4s;
    settings.keep_alive_timeout = 5s;
    start(settings);
    auto head = client();
    head.send("GET /hello HTTP/1.1\r\n");
    auto body = client();
    body.send("POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n[1");
    auto idle = client();
    EXPECT_EQ(idle.ask(get("/hello")).status, 200);
    const auto asked = std::chrono::steady_clock::now();
    std::thread dripping([&] {  // a byte now and then must not prolong anything
        for (int i = 0; i < 7; ++i) {
            head.send("A");
            body.send(" ");
            std::this_thread::sleep_for(200ms);  // the pace of the attack, not a wait for something
        }
    });
    EXPECT_EQ(client().ask(get("/hello")).status, 200);
    dripping.join();
    EXPECT_EQ(head.receive(10s).status, 408);
    EXPECT_TRUE(head.is_closed_within(10s));
    EXPECT_LT(std::chrono::steady_clock::now() - asked, 3900ms) << "by the limit of headers, not that of bodies";
    EXPECT_EQ(body.receive(10s).status, 408);
    EXPECT_TRUE(body.is_closed_within(10s));
    EXPECT_TRUE(idle.is_closed_within(10s));
    EXPECT_GE(std::chrono::steady_clock::now() - asked, 4900ms);
}

TEST_F(Edge, BodyThatArrivesInPiecesIsWhole) {
    start();
    auto one = client();
    const auto bytes = post("[" + std::string(60000, ' ') + "]");
    for (std::size_t at = 0; at < bytes.size(); at += 7001) {
        one.send(std::string_view(bytes).substr(at, 7001));
    }
    EXPECT_EQ(one.receive().body.size(), 60002U);
}

TEST_F(Edge, AnswersBesideFourHundredIdleConnections) {
    start();
    std::vector<std::unique_ptr<EdgeClient>> idle;
    for (int i = 0; i < 400; ++i) {
        idle.push_back(std::make_unique<EdgeClient>(edge->port()));
        ASSERT_TRUE(idle.back()->connected());
    }
    auto one = client();
    one.send(get("/hello"));
    EXPECT_EQ(one.receive(1s).status, 200);
}

TEST_F(Edge, ClientsThatLeaveEarlyHarmNobody) {
    start();
    for (int i = 0; i < 50; ++i) {
        client().send(get("/big"));
        client().send("POST /api/echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n[1");
    }
    EXPECT_EQ(client().ask(get("/hello")).status, 200);
    EXPECT_EQ(edge->stop(20s), StopOutcome::drained);
}

TEST_F(Edge, StopFinishesWhatIsInFlight) {
    start();
    auto waiting = client();
    auto kept = client();
    EXPECT_EQ(kept.ask(get("/hello")).status, 200);
    waiting.send(get("/waits"));
    ASSERT_TRUE(gate.wait_for_visitor());
    const auto port = edge->port();
    StopOutcome outcome = StopOutcome::deadline_passed;
    std::thread stopping([&] { outcome = edge->stop(20s); });
    const auto until = std::chrono::steady_clock::now() + 10s;
    while (EdgeClient(port).connected() && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
    }
    EXPECT_FALSE(EdgeClient(port).connected()) << "new connections are refused while the old request runs";
    gate.open();
    const auto answer = waiting.receive();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "waited");
    EXPECT_EQ(answer.header("Connection"), "close");
    stopping.join();
    EXPECT_EQ(outcome, StopOutcome::drained);
}

TEST_F(Edge, StopWaitsForALargeAnswerToBeOnTheWire) {
    start();
    auto one = client();
    one.send(get("/big"));
    const auto first = std::chrono::steady_clock::now();
    while (world.log_file.text().find("\"route\":\"/big\"") == std::string::npos &&
           std::chrono::steady_clock::now() - first < 10s) {
        std::this_thread::yield();
    }
    std::thread stopping([&] { EXPECT_EQ(edge->stop(20s), StopOutcome::drained); });
    EXPECT_EQ(one.receive().body.size(), 4'000'000U);
    stopping.join();
}

TEST_F(Edge, StopGivesUpAtItsDeadline) {
    start();
    auto one = client();
    one.send(get("/waits"));
    ASSERT_TRUE(gate.wait_for_visitor());
    std::thread opening([&] {
        std::this_thread::sleep_for(500ms);  // longer than the deadline, so that the outcome is certain
        gate.open();
    });
    EXPECT_EQ(edge->stop(100ms), StopOutcome::deadline_passed);
    opening.join();
}

TEST_F(Edge, SaysWhyItCantListen) {
    start();
    EdgeSettings settings;
    settings.listen = "127.0.0.1:" + std::to_string(edge->port());
    HttpEdge second(settings, *dispatcher);
    const auto started = second.start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().message_id, "cannot_listen");
    EXPECT_THAT(started.error().detail, HasSubstr("in use"));
}

}  // namespace
}  // namespace madoguchi::http
