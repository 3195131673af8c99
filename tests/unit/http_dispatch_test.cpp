#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "http/assets.hpp"
#include "unit/http_fixture.hpp"

namespace madoguchi::http {
namespace {

using testing::Answer;
using ::testing::HasSubstr;
using testing::kOrigin;
using ::testing::Not;
using testing::World;

TEST(HttpRouteTable, FindsPatterns) {
    RouteTable table;
    const Handler none = [](const Request&) -> Result<Response> { return Response::empty(204); };
    table.page(Method::get, "/accounts/{id}", none);
    table.page(Method::get, "/accounts/new", none);
    table.page(Method::post, "/accounts/{id}/{action}", none);
    table.page(Method::post, "/accounts/{id}/close", none);
    table.page(Method::get, "/", none);
    EXPECT_EQ(table.find(Method::get, "/accounts/7").parameters.at("id"), "7");
    EXPECT_EQ(table.find(Method::get, "/accounts/new").route->pattern, "/accounts/new");
    EXPECT_EQ(table.find(Method::post, "/accounts/7/close").route->pattern, "/accounts/{id}/close");
    EXPECT_EQ(table.find(Method::post, "/accounts/7/open").parameters.at("action"), "open");
    EXPECT_EQ(table.find(Method::head, "/accounts/7").route->method, Method::get);
    EXPECT_EQ(table.find(Method::get, "/").route->pattern, "/");
    for (const auto* missing : {"/accounts", "/accounts/", "/accounts/7/", "/accounts/7/x/y", "/x", "", "x"}) {
        const auto match = table.find(Method::get, missing);
        EXPECT_EQ(match.route, nullptr) << missing;
        EXPECT_TRUE(match.allowed.empty()) << missing;
    }
    const auto wrong = table.find(Method::del, "/accounts/7");
    EXPECT_EQ(wrong.route, nullptr);
    EXPECT_EQ(wrong.allowed, std::vector{Method::get});
    EXPECT_EQ(table.find(std::nullopt, "/accounts/7").allowed, std::vector{Method::get});
}

TEST(HttpRouteTable, RefusesMistakes) {
    RouteTable table;
    const Handler none = [](const Request&) -> Result<Response> { return Response::empty(204); };
    table.page(Method::get, "/a", none);
    EXPECT_THROW(table.page(Method::get, "/a", none), std::logic_error);
    EXPECT_THROW(table.page(Method::get, "a", none), std::logic_error);
    EXPECT_THROW(table.page(Method::get, "/a//b", none), std::logic_error);
}

TEST(HttpResponse, RefusesLineBreaksInHeaders) {
    const WireOptions options{"RID", {}, BodyOnWire::sent, ConnectionAfter::kept};
    for (const auto& bad : {std::string("a\r\nSet-Cookie: x"), std::string("a\nb"), std::string("a\0b", 3)}) {
        EXPECT_FALSE(serialize(Response::empty(200).with_header("X-A", bad), options));
        EXPECT_FALSE(serialize(Response::empty(200).with_header(bad, "x"), options));
        EXPECT_FALSE(serialize(Response::empty(200).with_cookie({"a", bad}), options));
    }
}

TEST(HttpResponse, RedirectsOnThisSiteOnly) {
    EXPECT_EQ(Response::see_other("/sign-in").headers.front().second, "/sign-in");
    EXPECT_EQ(Response::see_other("//evil.example").headers.front().second, "/");
    EXPECT_EQ(Response::see_other("https://evil.example").headers.front().second, "/");
    EXPECT_EQ(Response::see_other("/a\r\nb").headers.front().second, "/");
}

class HttpDispatch : public ::testing::Test {
protected:
    HttpDispatch() {
        world.routes.page(Method::get, "/form", [](const Request& request) -> Result<Response> {
            return Response::html(200, request.csrf_token);
        });
        world.routes.page(Method::post, "/form", [](const Request& request) -> Result<Response> {
            return Response::see_other("/done").with_header("X-Name", TRY(request.form()).text("name"));
        });
        world.routes.page(Method::get, "/throws",
                          [](const Request&) -> Result<Response> { throw std::runtime_error("with :pw=hunter2"); });
        world.routes.page(Method::get, "/throws-int", [](const Request&) -> Result<Response> { throw 42; });
        world.routes.page(Method::get, "/injects", [](const Request&) -> Result<Response> {
            return Response::html(200, "secret page").with_header("X-A", "a\r\nB: c");
        });
        world.routes.api(Method::post, "/api/v1/echo", [](const Request& request) -> Result<Response> {
            return Response::json(200, TRY(request.json()));
        });
        world.routes.api(Method::get, "/api/v1/busy", [](const Request&) -> Result<Response> {
            return failure(Error{.kind = ErrorKind::unavailable,
                                 .message_id = "busy",
                                 .detail = "queue\n\x1b[31m of 64",
                                 .retry_after = std::chrono::seconds(5)});
        });
        world.routes.plain(Method::get, "/who", [](const Request& request) -> Result<Response> {
            return Response::text(200, request.source + " " + request.cookie("__Host-session").value_or("-"));
        });
    }

    Answer ask(const std::string& head, const std::string& body = "") {
        const auto dispatcher = world.dispatcher();
        auto parsed = parse_head(head);
        return testing::read_answer(
            parsed ? dispatcher.answer(std::move(*parsed), body, "192.0.2.9", [] { return ConnectionAfter::kept; })
                   : dispatcher.answer_refused(parsed.error(), "192.0.2.9"));
    }
    Answer get(const std::string& target, const std::string& headers = "") {
        return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers);
    }
    Answer post(const std::string& target, const std::string& headers, const std::string& body,
                const std::string& type = "application/x-www-form-urlencoded") {
        return ask("POST " + target + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + type + "\r\n" + headers, body);
    }

    World world;
};

TEST_F(HttpDispatch, EveryAnswerHasTheSecurityHeaders) {
    for (const auto& answer :
         {get("/form"), get("/missing"), get("/throws"), get("/api/v1/busy"), get("/who"), ask("nonsense")}) {
        EXPECT_THAT(answer.header("Content-Security-Policy"), HasSubstr("default-src 'none'"));
        EXPECT_THAT(answer.header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
        EXPECT_THAT(answer.header("Content-Security-Policy"), Not(HasSubstr("unsafe")));
        EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
        EXPECT_EQ(answer.header("Cache-Control"), "no-store");
        EXPECT_EQ(answer.header("X-Request-Id").size(), 16U);
        EXPECT_THAT(world.logged(), HasSubstr(answer.header("X-Request-Id")));
        EXPECT_FALSE(answer.header("Strict-Transport-Security").empty());
    }
}

TEST_F(HttpDispatch, RequestIdIsNeverTheClients) {
    EXPECT_NE(get("/form", "X-Request-Id: mine").header("X-Request-Id"), "mine");
}

TEST_F(HttpDispatch, FormsNeedTheTokenOfTheVisit) {
    const auto page = get("/form");
    const auto cookie = page.header("Set-Cookie");
    ASSERT_THAT(cookie, HasSubstr("__Host-visit="));
    EXPECT_THAT(cookie, HasSubstr("; Path=/; Secure; HttpOnly; SameSite=Lax"));
    const auto visit = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
    const auto form = "name=x&csrf=" + page.body;
    EXPECT_EQ(post("/form", visit, form).status, 303);
    EXPECT_EQ(post("/form", visit + "Origin: " + kOrigin + "\r\nSec-Fetch-Site: same-origin\r\n", form).status, 303);
    EXPECT_EQ(get("/form", visit).header("Set-Cookie"), "");
    EXPECT_EQ(get("/form", visit).body, page.body);

    EXPECT_EQ(post("/form", visit, "name=x").status, 403);
    EXPECT_EQ(post("/form", visit, form + "x").status, 403);
    EXPECT_EQ(post("/form", "", form).status, 403);
    EXPECT_EQ(post("/form", "Cookie: __Host-visit=short\r\n", form).status, 403);
    EXPECT_EQ(post("/form", visit + "Origin: https://evil.example\r\n", form).status, 403);
    EXPECT_EQ(post("/form", visit + "Origin: null\r\n", form).status, 403);
    EXPECT_EQ(post("/form", visit + "Sec-Fetch-Site: cross-site\r\n", form).status, 403);
    EXPECT_EQ(post("/form", visit + "Sec-Fetch-Site: same-site\r\n", form).status, 403);
    EXPECT_THAT(post("/form", visit, "name=x").body, HasSubstr("csrf"));
}

TEST_F(HttpDispatch, MultipartFormsWorkToo) {
    const auto page = get("/form");
    const auto cookie = page.header("Set-Cookie");
    const auto visit = "Cookie: " + cookie.substr(0, cookie.find(';')) + "\r\n";
    const auto body = "--B\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n" + page.body +
                      "\r\n--B\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nabc\r\n--B--\r\n";
    const auto answer = post("/form", visit, body, "multipart/form-data; boundary=B");
    EXPECT_EQ(answer.status, 303);
    EXPECT_EQ(answer.header("X-Name"), "abc");
}

TEST_F(HttpDispatch, RefusesByStatus) {
    EXPECT_EQ(get("/missing").status, 404);
    const auto wrong = ask("DELETE /form HTTP/1.1\r\nHost: x");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("Allow"), "GET, POST, HEAD");
    EXPECT_EQ(ask("BREW /form HTTP/1.1\r\nHost: x").status, 405);
    EXPECT_EQ(ask("BREW /pot HTTP/1.1\r\nHost: x").status, 404);
    EXPECT_EQ(post("/form", "", "{}", "application/json").status, 415);
    EXPECT_EQ(post("/form", "", "a=b", "text/plain").status, 415);
    EXPECT_EQ(post("/form", "", "a=b", "application/x-www-form-urlencoded; charset=Shift_JIS").status, 415);
    EXPECT_EQ(post("/api/v1/echo", "", "a=b").status, 415);
    EXPECT_EQ(post("/form", "", "a=%").status, 400);
    EXPECT_EQ(get("/a/../form").status, 400);
    EXPECT_EQ(ask("GET /form HTTP/1.1\r\nHost: x", "body").status, 400);
    EXPECT_EQ(get(std::string("/") + std::string(40000, '/')).status, 400);
}

TEST_F(HttpDispatch, HeadIsGetWithoutBody) {
    const auto head = ask("HEAD /form HTTP/1.1\r\nHost: x");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("Content-Length"), "43");
    EXPECT_EQ(head.body, "");
}

TEST_F(HttpDispatch, ApiErrorsAreProblems) {
    const auto busy = get("/api/v1/busy", "Accept-Language: en\r\n");
    EXPECT_EQ(busy.status, 503);
    EXPECT_EQ(busy.header("Retry-After"), "5");
    EXPECT_EQ(busy.header("Content-Type"), "application/problem+json");
    const auto body = nlohmann::json::parse(busy.body);
    EXPECT_EQ(body["detail"], "en:busy");
    EXPECT_EQ(body["request_id"], busy.header("X-Request-Id"));
    EXPECT_EQ(nlohmann::json::parse(get("/api/v1/none").body)["type"], "urn:madoguchi:problem:not_found");
    EXPECT_EQ(post("/api/v1/echo", "", R"({"a":1,"a":2})", "application/json").status, 400);
    EXPECT_EQ(post("/api/v1/echo", "", R"({"a":1})", "application/json").body, R"({"a":1})");
    EXPECT_EQ(get("/api/v1/busy").header("Set-Cookie"), "");
    // One line each, whatever is in the detail.
    EXPECT_THAT(world.logged(), HasSubstr(R"("detail":"queue\n\u001b[31m of 64")"));
}

TEST_F(HttpDispatch, ExceptionsHaveFixedBodies) {
    for (const auto* target : {"/throws", "/throws-int"}) {
        const auto answer = get(target);
        EXPECT_EQ(answer.status, 500) << target;
        EXPECT_THAT(answer.body, Not(HasSubstr("hunter2")));
        EXPECT_THAT(answer.body, HasSubstr("internal"));
    }
    EXPECT_THAT(world.logged(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(world.logged(), HasSubstr("exception std::runtime_error"));
    EXPECT_THAT(world.logged(), HasSubstr("exception int"));
}

TEST_F(HttpDispatch, ErrorPagesThatFailHaveOneOfTheirOwn) {
    world.renderer.page = [](const Request&, const Error&, int) -> Response { throw 42; };
    const auto answer = get("/missing");
    EXPECT_EQ(answer.status, 404);
    EXPECT_THAT(answer.body, HasSubstr("404 Not Found"));
}

TEST_F(HttpDispatch, HeadersThatCantBeWrittenBecomeAnError) {
    const auto answer = get("/injects");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(answer.header("B"), "");
    EXPECT_THAT(answer.body, Not(HasSubstr("secret page")));
}

TEST_F(HttpDispatch, SourceIsWhatNginxVouchesFor) {
    EXPECT_EQ(get("/who", "X-Real-IP: 198.51.100.7\r\n").body, "192.0.2.9 -");
    EXPECT_EQ(get("/who", "X-Real-IP: 198.51.100.7\r\nX-Madoguchi-Edge: wrong\r\n").body, "192.0.2.9 -");
    const auto proof = "X-Madoguchi-Edge: " + testing::kEdgeSecret + "\r\n";
    EXPECT_EQ(get("/who", "X-Real-IP: 198.51.100.7\r\n" + proof).body, "198.51.100.7 -");
    EXPECT_EQ(get("/who", "X-Real-IP: 2001:db8::7\r\n" + proof).body, "2001:db8::7 -");
    EXPECT_EQ(get("/who", "X-Real-IP: nobody\r\n" + proof).body, "192.0.2.9 -");
    EXPECT_EQ(get("/who", "X-Madoguchi-Cookie: odd; __Host-session=s\r\n" + proof).body, "192.0.2.9 s");
    EXPECT_EQ(get("/who", "X-Madoguchi-Cookie: __Host-session=s\r\n").body, "192.0.2.9 -");
    EXPECT_EQ(get("/who", "Cookie: odd; __Host-session=t\r\n").body, "192.0.2.9 t");
}

TEST_F(HttpDispatch, LogNamesTheRouteNotTheAddress) {
    get("/form?password=hunter2");
    get("/nowhere/hunter2");
    EXPECT_THAT(world.logged(), Not(HasSubstr("hunter2")));
    EXPECT_THAT(world.logged(), HasSubstr(R"("route":"/form","status":200)"));
    EXPECT_THAT(world.logged(), HasSubstr(R"("route":"unmatched","status":404)"));
    EXPECT_THAT(world.metrics.text(),
                HasSubstr(R"(madoguchi_http_requests_total{method="GET",route="/form",status="200"} 1)"));
}

TEST(HttpAssets, AreServedUnderTheirHash) {
    const auto directory = std::filesystem::temp_directory_path() / ("assets-" + std::to_string(getpid()));
    std::filesystem::create_directory(directory);
    std::ofstream(directory / "site.css") << "body{}";
    const auto assets = Assets::load(directory).value();
    std::ofstream(directory / "odd.exe") << "x";
    EXPECT_FALSE(Assets::load(directory));
    std::filesystem::remove_all(directory);
    EXPECT_FALSE(Assets::load(directory));

    const auto url = assets.url("site.css");
    EXPECT_EQ(url.size(), std::string("/assets/site.12345678.css").size());
    EXPECT_THROW(assets.url("none.css"), std::out_of_range);
    Request request;
    const auto kept = assets.serve(request, url.substr(8)).value();
    EXPECT_EQ(kept.body, "body{}");
    EXPECT_EQ(kept.content_type, "text/css; charset=utf-8");
    EXPECT_EQ(kept.headers[0].second, "public, max-age=31536000, immutable");
    EXPECT_EQ(assets.serve(request, "site.css").value().headers[0].second, "no-cache");
    EXPECT_FALSE(assets.serve(request, "site.00000000.css"));
    request.headers.add("if-none-match", kept.headers[1].second);
    EXPECT_EQ(assets.serve(request, "site.css").value().status, 304);
}

}  // namespace
}  // namespace madoguchi::http
