#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "http/cookies.hpp"
#include "http/fields.hpp"
#include "http/head.hpp"
#include "http/multipart.hpp"
#include "http/percent.hpp"
#include "http/request.hpp"
#include "http/target.hpp"

namespace madoguchi::http {
namespace {

using std::string_literals::operator""s;

TEST(HttpPercent, DecodesAndRefuses) {
    EXPECT_EQ(percent_decode("a%20b+c", Plus::is_plus).value(), "a b+c");
    EXPECT_EQ(percent_decode("a+b%2B", Plus::is_space).value(), "a b+");
    EXPECT_EQ(percent_decode("%E6%97%A5", Plus::is_plus).value(), "日");
    for (const auto* bad : {"%", "%4", "%zz", "a%0", "%00", "%E6%97", "%C0%AF", "%ED%A0%80", "%F5%80%80%80"}) {
        EXPECT_FALSE(percent_decode(bad, Plus::is_plus)) << bad;
    }
    EXPECT_FALSE(percent_decode("a\0b"s, Plus::is_plus));
    EXPECT_EQ(percent_encode("a b/日"), "a%20b%2F%E6%97%A5");
}

TEST(HttpFields, ReadsFormsInOrder) {
    const auto fields = parse_urlencoded("name=%E5%B1%B1+%E7%94%B0&&empty=&bare&name=second").value();
    ASSERT_EQ(fields.all().size(), 4U);
    EXPECT_EQ(fields.text("name"), "山 田");
    EXPECT_EQ(fields.find("bare"), "");
    EXPECT_EQ(fields.find("none"), std::nullopt);
    EXPECT_EQ(fields.text("none"), "");
    EXPECT_FALSE(parse_urlencoded("a=%"));
}

TEST(HttpFields, CountIsBounded) {
    std::string text;
    for (std::size_t i = 0; i < limits::kFormFields; ++i) {
        text += "a=1&";
    }
    EXPECT_TRUE(parse_urlencoded(text));
    EXPECT_FALSE(parse_urlencoded(text + "a=1"));
}

TEST(HttpTarget, DecodesPathAndQuery) {
    const auto target = parse_target("/accounts/%E5%B1%B1@x.example?q=a%26b&page=2").value();
    EXPECT_EQ(target.path, "/accounts/山@x.example");
    EXPECT_EQ(target.query.text("q"), "a&b");
    EXPECT_EQ(parse_target("/").value().path, "/");
    EXPECT_EQ(parse_target("/a/").value().path, "/a/");
    EXPECT_EQ(parse_target("/a+b").value().path, "/a+b");
}

TEST(HttpTarget, RefusesWhatIsAmbiguous) {
    for (const auto* bad :
         {"",      "*",       "a",      "http://x/",    "//",    "/a//b", "/..",  "/a/../b", "/a/%2e%2e/b",
          "/.",    "/a%2Fb",  "/a\\b",  "/a%5Cb",       "/a%00", "/a%",   "/a b", "/a#b",    "/a%0Ab",
          "/a%FF", "/?a=%zz", "/a\x7f", "/\xE6\x97\xA5"}) {
        EXPECT_FALSE(parse_target(bad)) << bad;
    }
    EXPECT_FALSE(parse_target(std::string(40000, '/')));
    EXPECT_FALSE(parse_target("/" + std::string(limits::kPathBytes, 'a')));
}

TEST(HttpTarget, LocalPathsOnly) {
    EXPECT_TRUE(is_local_path("/"));
    EXPECT_TRUE(is_local_path("/sign-in?to=x"));
    for (const auto* bad : {"", "x", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/a b"}) {
        EXPECT_FALSE(is_local_path(bad)) << bad;
    }
}

TEST(HttpCookies, ReadsWhatBrowsersSend) {
    const auto cookies = parse_cookies("__Host-visit=abc; odd; =x; other=\"q\"; a=1;b=2 ; bad=a\"b; eq=a=b");
    EXPECT_EQ(cookies.at("__Host-visit"), "abc");
    EXPECT_EQ(cookies.at("other"), "q");
    EXPECT_EQ(cookies.at("b"), "2");
    EXPECT_EQ(cookies.at("eq"), "a=b");
    EXPECT_FALSE(cookies.contains("odd"));
    EXPECT_FALSE(cookies.contains("bad"));
}

TEST(HttpCookies, AmbiguousNamesAreNobodys) {
    EXPECT_FALSE(parse_cookies("s=1; s=2").contains("s"));
    EXPECT_FALSE(parse_cookies("s=1; s=2; s=1").contains("s"));
    EXPECT_EQ(parse_cookies("s=1; s=1").at("s"), "1");
}

TEST(HttpCookies, CountIsBounded) {
    std::string header;
    for (int i = 0; i < 200; ++i) {
        header += "c" + std::to_string(i) + "=v; ";
    }
    EXPECT_EQ(parse_cookies(header).size(), limits::kCookieCount);
}

TEST(HttpCookies, WritesOneForm) {
    EXPECT_EQ(set_cookie_value({"__Host-session", "abc", std::chrono::seconds(0)}).value(),
              "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
    EXPECT_EQ(set_cookie_value({"a", "b"}).value(), "a=b; Path=/; Secure; HttpOnly; SameSite=Lax");
    for (const auto* bad : {"a;b", "a\r\nX: y", "a b", "\"", "日"}) {
        EXPECT_FALSE(set_cookie_value({"a", bad})) << bad;
        EXPECT_FALSE(set_cookie_value({bad, "a"})) << bad;
    }
}

TEST(HttpHead, ReadsARequest) {
    const auto head = parse_head(
        "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nX-A:  two words \r\nConnection: Keep-Alive, Close");
    ASSERT_TRUE(head);
    EXPECT_EQ(head->method, "POST");
    EXPECT_EQ(head->target, "/a?b");
    EXPECT_EQ(head->content_length, 5U);
    EXPECT_EQ(head->headers.find("x-a"), "two words");
    EXPECT_EQ(head->persistence, Persistence::close);
    EXPECT_EQ(parse_head("GET / HTTP/1.1\r\nHost: x")->persistence, Persistence::keep_alive);
    EXPECT_EQ(parse_head("GET / HTTP/1.0")->persistence, Persistence::close);
}

int status_of_head(std::string_view text) {
    const auto head = parse_head(text);
    return head ? 200 : head.error().status;
}

TEST(HttpHead, RefusesWhatIsAmbiguous) {
    const std::string start = "POST / HTTP/1.1\r\nHost: x\r\n";
    for (const auto* bad : {"Content-Length: abc", "Content-Length: +5", "Content-Length: -1", "Content-Length: 5, 5",
                            "Content-Length: ", "Content-Length: 5\r\nContent-Length: 5", "Content-Length: 0x5",
                            "Transfer-Encoding: chunked", "transfer-encoding: identity", "Host: y", "Name", ": x",
                            "A : x", " folded", "A\x01: b", "A: \x01", "A: b\nC: d", "A: b\r"}) {
        EXPECT_EQ(status_of_head(start + bad), 400) << bad;
    }
    for (const auto* bad :
         {"", "GET", "GET /", "GET / HTTP/2.0", "GET  / HTTP/1.1\r\nHost: x", "G\x01T / HTTP/1.1\r\nHost: x",
          "GET / HTTP/1.1", "GET / HTTP/1.1 \r\nHost: x", "GET / HTTP/1.1\nHost: x"}) {
        EXPECT_EQ(status_of_head(bad), 400) << bad;
    }
    EXPECT_EQ(status_of_head(start + "Content-Length: 99999999"), 413);
    EXPECT_EQ(status_of_head(start + "Content-Length: 99999999999999999999999999"), 413);
    EXPECT_EQ(status_of_head(start + "Expect: 100-continue"), 417);
    std::string many = start;
    for (std::size_t i = 0; i < limits::kHeaderCount; ++i) {
        many += "A: b\r\n";
    }
    EXPECT_EQ(status_of_head(many), 431);
}

TEST(HttpRequestReader, FindsRequestsHoweverTheyAreCut) {
    const std::string bytes =
        "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
        RequestReader reader;
        std::vector<std::string> seen;
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            auto state = reader.feed(std::string_view(bytes).substr(at, piece));
            while (state == RequestReader::State::complete) {
                seen.push_back(reader.head().target + "|" + reader.take_body());
                state = reader.next();
            }
        }
        EXPECT_EQ(seen, (std::vector<std::string>{"/a|hello", "/b|"})) << piece;
        EXPECT_EQ(reader.state(), RequestReader::State::waiting);
    }
}

TEST(HttpRequestReader, HeadIsBounded) {
    RequestReader reader;
    reader.feed("GET / HTTP/1.1\r\nHost: x\r\nA: ");
    auto state = reader.state();
    for (int i = 0; i < 100 && state == RequestReader::State::in_head; ++i) {
        state = reader.feed(std::string(1000, 'a'));
    }
    EXPECT_EQ(state, RequestReader::State::refused);
    EXPECT_EQ(reader.refusal().status, 431);
    EXPECT_EQ(reader.feed("more"), RequestReader::State::refused);
}

const std::string kMultipartType = "multipart/form-data; boundary=XyZ";

std::string part(const std::string& disposition, const std::string& content) {
    return "--XyZ\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

TEST(HttpMultipart, ReadsFieldsAndEmptyFileInputs) {
    const auto body = part("name=\"name\"", "山田") + part("name=\"empty\"", "") +
                      part("name=\"f\"; filename=\"\"", "") + part("name=\"q%22\"", "a\r\n--Xy\r\nb") + "--XyZ--\r\n";
    const auto fields = parse_multipart_fields(body, kMultipartType);
    ASSERT_TRUE(fields);
    EXPECT_EQ(fields->all().size(), 3U);
    EXPECT_EQ(fields->text("name"), "山田");
    EXPECT_EQ(fields->find("empty"), "");
    EXPECT_EQ(fields->text("q\""), "a\r\n--Xy\r\nb");
}

TEST(HttpMultipart, RefusesWhatIsBroken) {
    const auto good = part("name=\"a\"", "b");
    for (const auto& bad :
         {std::string(), good, good + "--XyZ", good + "--XyZ-", "preamble\r\n" + good + "--XyZ--",
          part("name=\"a\"; filename=\"x.csv\"", "b") + "--XyZ--", part("name=\"a\"; name=\"b\"", "b") + "--XyZ--",
          part("name=\"a\"; filename*=UTF-8''x", "b") + "--XyZ--", part("name=\"a", "b") + "--XyZ--",
          part("x=\"a\"", "b") + "--XyZ--", part("name=\"a\"", "\xFF") + "--XyZ--",
          part("name=\"a\"", "b\0c"s) + "--XyZ--", "--XyZ\r\n\r\nb\r\n--XyZ--"s,
          "--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nb\r\n--XyZ--"s,
          "--XyZ\r\nContent-Disposition: form-data; name=\"" + std::string(5000, 'a') + "\"\r\n\r\nb\r\n--XyZ--"}) {
        EXPECT_FALSE(parse_multipart_fields(bad, kMultipartType)) << bad;
    }
    for (const auto* bad :
         {"multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a\"b",
          "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a"}) {
        EXPECT_FALSE(multipart_boundary(bad)) << bad;
    }
    EXPECT_EQ(multipart_boundary("multipart/form-data; charset=utf-8; boundary=\"a b\"").has_value(), false);
    EXPECT_EQ(multipart_boundary("multipart/form-data; boundary=\"a:b\"").value(), "a:b");
}

class RecordingSink final : public MultipartSink {
public:
    Result<void> begin(const MultipartPart& part) override {
        seen += "[" + part.name + "|" + part.file_name.value_or("-") + "|" + part.content_type + "]";
        return {};
    }
    Result<void> data(std::string_view bytes) override {
        seen += bytes;
        return {};
    }
    Result<void> end() override {
        seen += "$";
        return {};
    }
    std::string seen;
};

TEST(HttpMultipart, StreamsTheSameHoweverItIsCut) {
    const auto body = part("name=\"a\"; filename=\"x.csv\"\r\nContent-Type: text/CSV", "1,2\r\n\r\n--XyY\r\n") +
                      part("name=\"b\"", "") + "--XyZ--epilogue";
    for (std::size_t piece = 1; piece <= body.size(); ++piece) {
        RecordingSink sink;
        MultipartParser parser("XyZ", {}, sink);
        for (std::size_t at = 0; at < body.size(); at += piece) {
            ASSERT_TRUE(parser.feed(std::string_view(body).substr(at, piece)));
        }
        EXPECT_TRUE(parser.finish());
        EXPECT_EQ(sink.seen, "[a|x.csv|text/csv]1,2\r\n\r\n--XyY\r\n$[b|-|text/plain]$") << piece;
    }
}

TEST(HttpMultipart, SizesAndPartsAreBounded) {
    RecordingSink sink;
    MultipartParser small("XyZ", {.parts = 2, .field_bytes = 10, .file_bytes = 20}, sink);
    const auto file = small.feed(part("name=\"a\"; filename=\"x\"", std::string(21, 'x')) + "--XyZ--");
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().message_id, "payload_too_large");
    EXPECT_FALSE(small.feed("--XyZ--"));
    MultipartParser parts("XyZ", {.parts = 2, .field_bytes = 10, .file_bytes = 20}, sink);
    EXPECT_FALSE(parts.feed(part("name=\"a\"", "1") + part("name=\"a\"", "1") + part("name=\"a\"", "1")));
}

TEST(HttpRequest, ChoosesTheLanguage) {
    EXPECT_EQ(choose_locale(std::nullopt, std::nullopt), Locale::ja);
    EXPECT_EQ(choose_locale("en", "ja"), Locale::en);
    EXPECT_EQ(choose_locale("xx", "en-US,en;q=0.9"), Locale::en);
    EXPECT_EQ(choose_locale(std::nullopt, "en-US,en;q=0.9,ja;q=0.1"), Locale::ja);
    EXPECT_EQ(choose_locale(std::nullopt, "en, ja;q=0"), Locale::en);
    EXPECT_EQ(choose_locale(std::nullopt, "en;q=0.0"), Locale::ja);
    EXPECT_EQ(choose_locale(std::nullopt, "fr"), Locale::ja);
}

TEST(HttpRequest, ReadsContentTypes) {
    EXPECT_EQ(media_type(" Application/JSON ; charset=utf-8"), "application/json");
    EXPECT_TRUE(is_utf8_content("text/html; charset=\"UTF-8\""));
    EXPECT_TRUE(is_utf8_content("text/html"));
    EXPECT_FALSE(is_utf8_content("text/html; charset=Shift_JIS"));
}

TEST(HttpRequest, ReadsBearerTokens) {
    Request request;
    request.headers.add("authorization", "bearer  abc");
    EXPECT_EQ(request.bearer_token(), "abc");
    EXPECT_EQ(Request().bearer_token(), std::nullopt);
}

}  // namespace
}  // namespace madoguchi::http
