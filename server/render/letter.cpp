#include "render/letter.hpp"

#include <array>

#include "render/paper.hpp"

namespace madoguchi::render {
namespace {

// The design's page, in millimetres.
constexpr double kLeft = 20;
constexpr double kRight = 190;
constexpr double kMeasure = kRight - kLeft;
constexpr double kFirstFold = 99;
constexpr double kSecondFold = 198;
constexpr double kBoxTop = 101;
constexpr double kBoxHeight = 63;
constexpr double kStepsTop = 171;
constexpr double kPictureTop = 179;
constexpr double kPictureHeight = 22;
constexpr double kStepWidth = 39.5;
constexpr double kStepGap = 4;
constexpr double kRequestsTop = 228;
constexpr double kFootTop = 261.5;
constexpr int kSteps = 4;

struct Press {
    Paper& paper;
    const Texts& texts;
    Locale locale;
    const LetterService& service;
    const QrCode& code;

    std::string text(std::string_view id, const TextValues& values = {}) const {
        return texts.text("letter." + std::string(id), locale, values);
    }
};

std::string postal(const LetterAddress& address) {
    return address.postal_code.empty() ? std::string() : "〒" + address.postal_code;
}

void draw_folds(const Press& press) {
    for (const double y : {kFirstFold, kSecondFold}) {
        press.paper.line(0, y, 5, y, 0.5, Ink::line);
    }
}

void draw_head(const Press& press, const Letter& letter) {
    auto& paper = press.paper;
    double y = 21;
    constexpr double kAddressWidth = 95;
    const TextStyle plain{.size_pt = 10.5};
    const TextStyle strong{.size_pt = 13, .face = Face::bold};
    if (const auto code = postal(letter.to); !code.empty()) {
        y = paper.text({kLeft, y, kAddressWidth}, plain, code);
    }
    if (!letter.to.address.empty()) {
        y = paper.text({kLeft, y, kAddressWidth}, plain, letter.to.address);
    }
    y = paper.text({kLeft, y, kAddressWidth}, strong, letter.to.organization);
    paper.text({kLeft, y, kAddressWidth}, strong, press.text("to", {{"person", letter.person}}));
    const TextStyle right{.size_pt = 9.5, .align = Align::right};
    constexpr double kFromLeft = 120;
    double from_y = 18.5;
    for (const auto& line :
         {press.text("number", {{"number", letter.number}}), letter.issued_on, letter.from.organization}) {
        from_y = paper.text({kFromLeft, from_y, kRight - kFromLeft}, right, line);
    }
}

void draw_title(const Press& press, const Letter& letter) {
    auto& paper = press.paper;
    constexpr double kTitleTop = 70;
    constexpr double kRule = 81.5;
    paper.text({kLeft, kTitleTop, kMeasure}, {.size_pt = 17, .face = Face::bold}, press.text("title"));
    paper.line(kLeft, kRule, kRight, kRule, 1.5, Ink::key);
    paper.text(
        {kLeft, kRule + 3, kMeasure}, {.size_pt = 10.5},
        letter.password.empty() ? press.text("lead_by_link") : press.text("lead", {{"date", letter.expires_on}}));
}

void draw_secrets(const Press& press, const Letter& letter) {
    auto& paper = press.paper;
    paper.box({kLeft, kBoxTop, kMeasure}, kBoxHeight, 2, 1.5, Ink::key);
    constexpr double kInner = kLeft + 6.5;
    constexpr double kWidth = 118;
    const TextStyle label{.size_pt = 9.5, .ink = Ink::soft, .line_height = 1.4};
    double y = paper.text({kInner, kBoxTop + 5.5, kWidth}, label, press.text("login_id"));
    y = paper.text({kInner, y, kWidth}, {.size_pt = 14, .face = Face::code, .line_height = 1.4}, letter.login_id);
    y = paper.text({kInner, y + 2.5, kWidth}, label, press.text("password"));
    const bool by_link = letter.password.empty();
    y = by_link ? paper.text({kInner, y, kWidth}, {.size_pt = 13, .face = Face::bold, .line_height = 1.4},
                             press.text("password_by_link"))
                : paper.text({kInner, y, kWidth}, {.size_pt = 18, .face = Face::code, .line_height = 1.4},
                             letter.password.reveal());
    y = paper.text({kInner, y, kWidth}, {.size_pt = 9, .ink = Ink::soft, .line_height = 1.5},
                   press.text(by_link ? "password_by_link_note" : "password_note"));
    y = paper.text({kInner, y + 2.5, kWidth}, label, press.text("expires"));
    paper.text({kInner, y, kWidth}, {.size_pt = 10.5, .face = Face::bold},
               by_link ? press.text("expires_by_link") : press.text("expires_on", {{"date", letter.expires_on}}));
    constexpr double kSide = 36;
    constexpr double kQrLeft = 145;
    constexpr double kQrColumn = 45;
    paper.qr(kQrLeft + (kQrColumn - kSide) / 2, kBoxTop + 6, kSide, press.code);
    const TextStyle under{.size_pt = 9, .face = Face::bold, .align = Align::center, .line_height = 1.5};
    double under_y = paper.text({kQrLeft, kBoxTop + 6 + kSide, kQrColumn}, under, press.text("sign_in_page"));
    paper.text({kQrLeft, under_y, kQrColumn}, {.size_pt = 9, .align = Align::center, .line_height = 1.5},
               press.service.origin);
}

/// The design's pictures, on their own canvas of 160 by 88.
void draw_picture(Paper& paper, int step, double x, double y) {
    constexpr double kScale = kPictureHeight / 88;
    const double left = x + (kStepWidth - 160 * kScale) / 2;
    const auto shape = [&](double shape_x, double shape_y, double width, double height, double radius, Ink ink,
                           Fill fill) {
        paper.box({left + shape_x * kScale, y + shape_y * kScale, width * kScale}, height * kScale, radius * kScale,
                  1.2, ink, fill);
    };
    const auto dot = [&](double dot_x, double dot_y) {
        paper.circle(left + dot_x * kScale, y + dot_y * kScale, 2.5 * kScale, Ink::key, Fill::filled);
    };
    const auto pen = [&](std::string_view commands, Ink ink = Ink::key, Fill fill = Fill::none) {
        paper.path(commands, left, y, kScale, ink, fill);
    };
    switch (step) {
        case 0:
            shape(24, 14, 112, 60, 4, Ink::key, Fill::none);
            pen("M24 30 L136 30");
            dot(33, 22);
            dot(41, 22);
            shape(50, 18.5, 78, 7, 3.4, Ink::pale, Fill::filled);
            shape(56, 44, 48, 14, 3, Ink::key, Fill::filled);
            return;
        case 1:
            shape(36, 12, 88, 17, 3, Ink::key, Fill::none);
            pen("M44 21 L82 21");
            shape(36, 36, 88, 17, 3, Ink::key, Fill::none);
            for (const double dot_x : {47, 56, 65, 74}) {
                dot(dot_x, 44.5);
            }
            shape(36, 61, 88, 15, 3, Ink::key, Fill::filled);
            return;
        case 2:
            shape(34, 10, 38, 68, 6, Ink::key, Fill::none);
            pen("M48 71 L58 71");
            pen("M68 22 L128 22 L128 50 L84 50 L75 58 L75 50 L68 50 L68 22", Ink::pale, Fill::filled);
            pen("M68 22 L128 22 L128 50 L84 50 L75 58 L75 50 L68 50 L68 22");
            pen("M78 36 L82 36 M88 36 L92 36 M98 36 L102 36 M108 36 L112 36 M118 36 L122 36");
            return;
        default:
            shape(56, 38, 48, 38, 4, Ink::pale, Fill::filled);
            shape(56, 38, 48, 38, 4, Ink::key, Fill::none);
            pen("M66 38 A80 27 14 L94 38");
            pen("M71 57 L78 64 L90 51");
            return;
    }
}

void draw_steps(const Press& press) {
    auto& paper = press.paper;
    paper.text({kLeft, kStepsTop, kMeasure}, {.size_pt = 12, .face = Face::bold, .line_height = 1.4},
               press.text("first_sign_in"));
    const TextValues values = {{"minimum", std::to_string(press.service.password_minimum)}};
    for (int i = 0; i < kSteps; ++i) {
        const double x = kLeft + i * (kStepWidth + kStepGap);
        const auto id = "step_" + std::to_string(i + 1);
        paper.box({x, kPictureTop, kStepWidth}, kPictureHeight, 1.5, 0.5, Ink::line);
        draw_picture(paper, i, x, kPictureTop);
        const double y = paper.text({x, kPictureTop + kPictureHeight + 1.5, kStepWidth},
                                    {.size_pt = 9, .face = Face::bold, .line_height = 1.5}, press.text(id));
        paper.text({x, y, kStepWidth}, {.size_pt = 9.5, .line_height = 1.5}, press.text(id + "_text", values));
    }
}

void draw_requests(const Press& press) {
    auto& paper = press.paper;
    double y = paper.text({kLeft, kRequestsTop, kMeasure}, {.size_pt = 12, .face = Face::bold, .line_height = 1.4},
                          press.text("requests")) +
               1;
    for (const auto* id : {"request_shred", "request_never_asked", "request_open"}) {
        paper.circle(kLeft + 1, y + 3, 0.6, Ink::black, Fill::filled);
        y = paper.text({kLeft + 5, y, kMeasure - 5}, {.size_pt = 10}, press.text(id));
    }
}

void draw_foot(const Press& press, const Letter& letter) {
    auto& paper = press.paper;
    paper.line(kLeft, kFootTop, kRight, kFootTop, 0.75, Ink::line);
    constexpr double kHalf = 82;
    const TextStyle strong{.size_pt = 9.5, .face = Face::bold};
    const TextStyle plain{.size_pt = 9.5};
    double y = paper.text({kLeft, kFootTop + 3, kHalf}, strong, letter.from.organization);
    if (!letter.from.address.empty()) {
        const auto code = postal(letter.from);
        y = paper.text({kLeft, y, kHalf}, plain, code + (code.empty() ? "" : "　") + letter.from.address);
    }
    if (!letter.from.phone.empty()) {
        paper.text({kLeft, y, kHalf}, plain, press.text("phone", {{"phone", letter.from.phone}}));
    }
    const double right = kLeft + kHalf + 6;
    const double right_y = paper.text({right, kFootTop + 3, kHalf}, strong, press.text("helpdesk"));
    paper.text({right, right_y, kHalf}, plain, press.text("helpdesk_phone", {{"phone", press.service.helpdesk_phone}}));
}

}  // namespace

std::string print_letters(std::span<const Letter> letters, const LetterService& service, const Texts& texts,
                          Locale locale) {
    Paper paper(locale, texts.text("letter.title", locale));
    const QrCode code = qr_code(service.origin + "/sign-in");
    const Press press{paper, texts, locale, service, code};
    for (const auto& letter : letters) {
        draw_folds(press);
        draw_head(press, letter);
        draw_title(press, letter);
        draw_secrets(press, letter);
        draw_steps(press);
        draw_requests(press);
        draw_foot(press, letter);
        paper.next_page();
    }
    return paper.finish();
}

}  // namespace madoguchi::render
