#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "render/page_writer.hpp"
#include "render/qr_code.hpp"
#include "render/template_source.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::render {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kTemplates = test::source_directory() + "/templates";

class RenderPages : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        auto texts = Texts::load(kTemplates + "/text");
        ASSERT_TRUE(texts.has_value()) << texts.error().detail;
        texts_ = new Texts(std::move(*texts));
        auto templates = Templates::load(kTemplates, *texts_);
        ASSERT_TRUE(templates.has_value()) << templates.error().detail;
        templates_ = new Templates(std::move(*templates));
        auto assets = http::Assets::load(kTemplates + "/assets");
        ASSERT_TRUE(assets.has_value()) << assets.error().detail;
        assets_ = new http::Assets(std::move(*assets));
    }
    static void TearDownTestSuite() {
        delete assets_;
        delete templates_;
        delete texts_;
    }

    static http::Request request(Locale locale = Locale::ja) {
        http::Request request;
        request.locale = locale;
        request.raw_target = "/sign-in/code?a=1&b=2";
        request.request_id = "7f3a2291";
        request.csrf_token = "token-of-the-form";
        request.now = from_microseconds(1'796'191'440'000'000);
        return request;
    }
    static PageWriter writer(bool development = false) {
        return {*templates_, *texts_, *assets_,
                PageFrame{.helpdesk_phone = "03-0000-4100", .development = development, .password_minimum = 12}};
    }

    static inline Texts* texts_ = nullptr;
    static inline Templates* templates_ = nullptr;
    static inline http::Assets* assets_ = nullptr;
};

TEST_F(RenderPages, EveryPageStandsInItsFrameInBothLanguages) {
    EXPECT_GE(templates_->pages().size(), 19U);
    for (const auto& page : templates_->pages()) {
        for (const auto locale : {Locale::ja, Locale::en}) {
            const auto body = writer().page(request(locale), page, View()).body;
            EXPECT_THAT(body, HasSubstr(locale == Locale::ja ? "<html lang=\"ja\">" : "<html lang=\"en\">")) << page;
            EXPECT_THAT(body, HasSubstr(locale == Locale::ja ? " | 窓口</title>" : " | Madoguchi</title>")) << page;
            EXPECT_THAT(body, HasSubstr("03-0000-4100")) << page;
            EXPECT_THAT(body, HasSubstr("</html>")) << page;
            // Strict CSP: nothing inline, nothing embedded, nothing left unreplaced.
            for (const auto* forbidden : {"{{", "}}", "[[", " style=", " onclick=", "data:", "<style", "<script>"}) {
                EXPECT_THAT(body, Not(HasSubstr(forbidden))) << page;
            }
        }
    }
}

TEST_F(RenderPages, EveryFormCarriesTheCsrfToken) {
    View view;
    for (const auto* section : {"CONFIRM", "FORM", "BY_SMS", "CAN_SMS", "MESSAGE", "MESSAGE_CAN_ANSWER"}) {
        view.show(section);
    }
    const std::regex form("<form[^>]*method=\"post\"");
    for (const auto& page : templates_->pages()) {
        const auto body = writer().page(request(), page, view).body;
        const auto forms = std::distance(std::sregex_iterator(body.begin(), body.end(), form), std::sregex_iterator());
        std::ptrdiff_t tokens = 0;
        for (auto at = body.find("token-of-the-form"); at != std::string::npos;
             at = body.find("token-of-the-form", at + 1)) {
            ++tokens;
        }
        EXPECT_EQ(forms, tokens) << page;
    }
}

TEST_F(RenderPages, EscapesWhateverAPersonTyped) {
    const std::string evil = "\"><script>alert(1)</script>";
    View view;
    view.set("LOGIN_ID", evil).show("FORM").set("NOTE", "</textarea>" + evil).set("ORGANIZATION", evil);
    for (const auto* page : {"sign_in", "password", "access_help", "new_password"}) {
        const auto body = writer().page(request(), page, view).body;
        EXPECT_THAT(body, Not(HasSubstr("<script>"))) << page;
        EXPECT_THAT(body, HasSubstr("&lt;script&gt;")) << page;
        EXPECT_THAT(body, Not(HasSubstr("\"\"><"))) << page;
    }
}

TEST_F(RenderPages, OptionsOfPasskeysStayWithinTheirAttribute) {
    View view;
    view.set("OPTIONS", R"({"user":{"name":"\"><script>alert(1)</script>"}})");
    for (const auto* page : {"passkey", "register_passkey"}) {
        const auto body = writer().page(request(), page, view).body;
        EXPECT_THAT(body, HasSubstr("data-options=\"{&quot;user&quot;")) << page;
        EXPECT_THAT(body, Not(HasSubstr("<script>alert"))) << page;
    }
}

TEST_F(RenderPages, DefusesAddressesThatRunScripts) {
    View view;
    view.set("CONTINUE_URL", "javascript:alert(1)");
    EXPECT_THAT(writer().page(request(), "second_step_done", view).body, Not(HasSubstr("javascript:")));
    view.set("CONTINUE_URL", "/");
    EXPECT_THAT(writer().page(request(), "second_step_done", view).body, HasSubstr("href=\"/\">"));
}

TEST_F(RenderPages, TheLanguageSwitchKeepsThePage) {
    const auto japanese = writer().page(request(), "code", View()).body;
    EXPECT_THAT(japanese, HasSubstr("href=\"/language?to=en&amp;back=%2Fsign-in%2Fcode%3Fa%3D1%26b%3D2\""));
    EXPECT_THAT(writer().page(request(Locale::en), "code", View()).body, HasSubstr("/language?to=ja&amp;back="));
    View posted;
    posted.set("BACK", "/sign-in/second-step");
    EXPECT_THAT(writer().page(request(), "confirm_number", posted).body, HasSubstr("back=%2Fsign-in%2Fsecond-step"));
}

TEST_F(RenderPages, SaysWhatWasRefusedAndWhere) {
    View view;
    const Error error{.kind = ErrorKind::invalid,
                      .message_id = "invalid_fields",
                      .fields = {{"new_password", "too_short", {{"minimum", "12"}}},
                                 {"new_password", "password_common"},
                                 {"current_password", "wrong_current_password"}}};
    writer().explain(view, request(), error);
    const auto body = writer().page(request(), "new_password", view, 422).body;
    EXPECT_THAT(body, HasSubstr("<title>エラー：新しいパスワード | 窓口</title>"));
    EXPECT_THAT(body, HasSubstr("role=\"alert\""));
    EXPECT_THAT(body, HasSubstr("aria-describedby=\"new_password-help new_password-error\" aria-invalid=\"true\""));
    EXPECT_THAT(body, HasSubstr("id=\"new_password-error\""));
    EXPECT_THAT(body, HasSubstr("12文字以上で入力してください。"));
    EXPECT_THAT(body, Not(HasSubstr("推測されやすい"))) << "one reason at a time";
    EXPECT_THAT(body, Not(HasSubstr("id=\"new_password_again-error\"")));
}

TEST_F(RenderPages, OneTextForEveryWrongPassword) {
    View view;
    writer().explain(view, request(), Error{.kind = ErrorKind::unauthenticated, .message_id = "invalid_credentials"});
    const auto body = writer().page(request(), "password", view).body;
    EXPECT_THAT(body, HasSubstr("サインインできませんでした"));
    EXPECT_THAT(body, HasSubstr("aria-describedby=\"password-help password-hint\" aria-invalid=\"true\""));
}

TEST_F(RenderPages, TooManyTriesTellWhenAgain) {
    View view;
    writer().explain(
        view, request(),
        Error{.kind = ErrorKind::too_many, .message_id = "too_many_tries", .retry_after = std::chrono::seconds(240)});
    EXPECT_THAT(writer().page(request(), "password", view).body, HasSubstr("15:08"));
}

TEST_F(RenderPages, TheErrorPageGivesTheReferenceAndNeverTheDetail) {
    const Error error{.kind = ErrorKind::internal, .message_id = "internal", .detail = "duplicate key value"};
    const auto response = writer().error_page(request(), error, 500);
    EXPECT_EQ(response.status, 500);
    EXPECT_THAT(response.body, HasSubstr("7f3a2291"));
    EXPECT_THAT(response.body, Not(HasSubstr("duplicate")));
    EXPECT_THAT(response.body, HasSubstr("もう一度開く"));

    const Error lost{.kind = ErrorKind::conflict, .message_id = "flow_lost"};
    EXPECT_THAT(writer().error_page(request(), lost, 409).body, HasSubstr("href=\"/sign-in\""));
    const Error unknown{.kind = ErrorKind::not_found, .message_id = "no_catalog_knows_this"};
    EXPECT_THAT(writer().error_page(request(), unknown, 404).body, HasSubstr("見つからないか、管轄の外にあります"));
    const Error busy{.kind = ErrorKind::unavailable, .message_id = "busy", .retry_after = std::chrono::seconds(5)};
    EXPECT_TRUE(writer().error_page(request(), busy, 503).has_header("Retry-After"));
}

TEST_F(RenderPages, DevelopmentModeSaysSoAndLinksTheInbox) {
    EXPECT_THAT(writer(true).page(request(), "sign_in", View()).body, HasSubstr("/development/inbox"));
    EXPECT_THAT(writer(true).page(request(), "sign_in", View()).body, HasSubstr("外に送られません"));
    EXPECT_THAT(writer(false).page(request(), "sign_in", View()).body, Not(HasSubstr("/development/inbox")));
    const PageWriter sending(*templates_, *texts_, *assets_,
                             {.helpdesk_phone = "03-0000-4100", .development = true, .sends_out = true});
    EXPECT_THAT(sending.page(request(), "sign_in", View()).body, HasSubstr("事業者に渡されます"));
    EXPECT_THAT(sending.page(request(), "sign_in", View()).body, Not(HasSubstr("外に送られません")));
}

TEST_F(RenderPages, HomeShowsOnlyWhatTheRoleMayDo) {
    View view;
    view.show("CAN_ANYTHING").show("CAN_AUDIT");
    const auto body = writer().page(request(), "home", view).body;
    EXPECT_THAT(body, HasSubstr("madoguchi-admin audit"));
    EXPECT_THAT(body, Not(HasSubstr("madoguchi-admin account")));
    EXPECT_THAT(body, Not(HasSubstr("承認を待っています")));
}

TEST_F(RenderPages, RefusesATemplateThatNamesWhatIsNotThere) {
    const TemplateFiles partials = {{"greeting", "Hello [[name]]"}, {"circle", "{{@circle}}"}};
    EXPECT_EQ(with_partials("p.html", "{{@greeting name=\"you\"}}!", partials).value(), "Hello you!");
    const auto refusal = [&](const std::string& content) {
        const auto result = with_partials("p.html", content, partials);
        return result ? "accepted" : result.error().detail;
    };
    EXPECT_THAT(refusal("{{@nobody}}"), HasSubstr("p.html: unknown partial nobody"));
    EXPECT_THAT(refusal("{{@greeting}}"), HasSubstr("parameter name is missing"));
    EXPECT_THAT(refusal("{{@greeting name=\"a\" size=\"b\"}}"), HasSubstr("does not take"));
    EXPECT_THAT(refusal("{{@circle}}"), HasSubstr("circle"));
    EXPECT_THAT(refusal("{{@greeting"), HasSubstr("never closed"));

    const auto unknown = with_texts("p.html", "<p>{{=nothing.here}}</p>", *texts_, Locale::ja);
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().detail, "p.html: unknown text nothing.here");
    EXPECT_THAT(with_texts("p.html", "{{=code.valid_until}}", *texts_, Locale::ja).value(),
                HasSubstr("{{EXPIRES_AT}}"));
    EXPECT_THROW(templates_->render("no_such_page", Locale::ja, View()), std::logic_error);
}

TEST(RenderQrCode, IsOnePathWithAQuietZone) {
    const auto code = qr_code("otpauth://totp/Madoguchi:a@madoguchi.example?secret=MDGC2SAMPLE7ONLY4MOCKS5NOTREAL3Q");
    EXPECT_EQ((code.size - 8 - 17) % 4, 0)
        << "ISO/IEC 18004: 17 + 4 modules a version, and 4 of quiet zone at each side";
    EXPECT_TRUE(code.path.starts_with("M4 4h7v1h-7z")) << "the finder pattern's upper edge";
    EXPECT_TRUE(std::regex_match(code.path, std::regex("(M[0-9]+ [0-9]+h[0-9]+v1h-[0-9]+z)+")));
    EXPECT_NE(qr_code("a").path, qr_code("b").path);
    EXPECT_THROW(qr_code(std::string(4000, 'x')), std::length_error);
}

}  // namespace
}  // namespace madoguchi::render
