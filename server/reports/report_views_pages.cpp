#include "reports/report_views_pages.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::size_t kColumnBands = 7;  // of fourteen: two columns

std::string cut(std::string text, std::size_t bytes) {
    if (text.size() > bytes) {
        text.resize(bytes);
        while (!text.empty() && !valid_utf8(text)) {
            text.pop_back();
        }
    }
    return text;
}

std::string field(const http::Fields& form, const std::string& name) {
    return cut(form.text(name), limits::kReportTypedBytes);
}

const FieldError* error_of(const Error* error, const std::string& field) {
    if (error == nullptr) {
        return nullptr;
    }
    const auto found = std::ranges::find(error->fields, field, &FieldError::field);
    return found == error->fields.end() ? nullptr : &*found;
}

void show_error(render::View& row, const std::string& section, const render::Texts& texts, Locale locale,
                const FieldError* error) {
    if (error != nullptr) {
        row.add(section).set("MESSAGE", texts.text("error." + error->message_id, locale, error->values));
    }
}

render::View& add_column(render::View& page, std::size_t band, const std::optional<PastDay>& before) {
    auto& column = page.add("COLUMN");
    column.set("FIRST_NUMBER", std::to_string(band + 1));
    if (before) {
        column.add("HEAD_BEFORE").set("BEFORE_DATE", month_and_day(before->date));
    }
    return column;
}

void show_before(render::View& row, const std::optional<PastDay>& before, std::size_t band) {
    if (before) {
        row.add("BEFORE").set("BEFORE_COUNT", shown_count(before->counts.of.at(band)));
    }
}

void show_warning(render::View& row, const render::Texts& texts, Locale locale, const FieldsShown& shown,
                  std::size_t band) {
    const auto found = std::ranges::find(shown.read->warnings, std::optional(band), &Warning::band);
    if (found == shown.read->warnings.end()) {
        return;
    }
    row.show("WARNED");
    auto& why = row.add("WARNING");
    why.set("WARNING_TITLE", texts.text("report_warning_title." + std::string(to_text(found->kind)), locale));
    why.set("WARNING_TEXT", warning_text(texts, locale, *found));
    why.set("AGAIN", shown.typed.again.at(band));
    const auto* error = error_of(shown.error, field_of(band) + "_again");
    // What was not typed yet is no mistake.
    show_error(why, "AGAIN_ERROR", texts, locale, shown.typed.again.at(band).empty() ? nullptr : error);
}

}  // namespace

std::string shown_date(ReportDate date, Locale locale) {
    constexpr std::size_t kDateOnly = 10;  // 2026/12/02
    const auto with_weekday = format_japanese_date(begin_of(date));
    return locale == Locale::ja ? with_weekday : with_weekday.substr(0, kDateOnly);
}

std::string shown_count(std::int64_t count) {
    std::string digits = std::to_string(std::abs(count));
    for (auto place = static_cast<std::ptrdiff_t>(digits.size()) - 3; place > 0; place -= 3) {
        digits.insert(static_cast<std::size_t>(place), ",");
    }
    return count < 0 ? "−" + digits : digits;
}

std::string shown_difference(std::int64_t count) {
    return count == 0 ? "" : (count > 0 ? "+" : "") + shown_count(count);
}

std::string band_name(const render::Texts& texts, Locale locale, std::size_t band) {
    return texts.text("band." + std::string(kBandNames.at(band)), locale);
}

Typed typed_in(const http::Fields& form) {
    Typed out;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        out.bands.at(band) = field(form, field_of(band));
        out.again.at(band) = field(form, field_of(band) + "_again");
    }
    out.total_again = field(form, "total_again");
    return out;
}

int seen_version_in(const http::Fields& form) {
    constexpr std::int64_t kMost = 1'000'000;
    const auto version = http::parse_identifier(form.text("version")).value_or(0);
    return static_cast<int>(std::min(version, kMost));
}

std::optional<ReportDate> date_in(const http::Fields& fields) {
    return report_date(fields.text("date"));
}

void show_fields(render::View& page, const render::Texts& texts, Locale locale, const FieldsShown& shown) {
    render::View* column = nullptr;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        if (band % kColumnBands == 0) {
            column = &add_column(page, band, shown.before);
        }
        auto& row = column->add("BAND");
        row.set("BAND_NAME", band_name(texts, locale, band)).set("BAND_INDEX", std::to_string(band));
        row.set("BAND_VALUE", shown.values.at(band));
        show_before(row, shown.before, band);
        show_error(row, "BAND_ERROR", texts, locale, error_of(shown.error, field_of(band)));
        if (shown.read != nullptr) {
            show_warning(row, texts, locale, shown, band);
        }
    }
}

void show_values(render::View& page, const render::Texts& texts, Locale locale, const AgeBandCounts& counts,
                 const std::optional<PastDay>& before) {
    render::View* column = nullptr;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        if (band % kColumnBands == 0) {
            column = &add_column(page, band, before);
        }
        auto& row = column->add("BAND");
        row.set("BAND_NAME", band_name(texts, locale, band)).set("BAND_COUNT", shown_count(counts.of.at(band)));
        if (counts.of.at(band) == 0) {
            row.show("ZERO");
        }
        show_before(row, before, band);
    }
}

void show_adjustment(render::View& page, const render::Texts& texts, Locale locale, const Adjustment& adjustment) {
    auto& shown = page.add("ADJUSTMENT");
    shown.set("ADJUSTED_DATE", shown_date(adjustment.date, locale)).set("ADJUSTMENT_REASON", adjustment.reason);
    shown.set("ADJUSTMENT_TOTAL", shown_difference(adjustment.differences.total()));
    if (adjustment.differences.total() == 0) {
        shown.set("ADJUSTMENT_TOTAL", "±0");
    }
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        if (adjustment.differences.of.at(band) != 0) {
            shown.add("ADJUSTED_BAND")
                .set("BAND_NAME", band_name(texts, locale, band))
                .set("BAND_DIFFERENCE", shown_difference(adjustment.differences.of.at(band)));
        }
    }
}

std::string warning_text(const render::Texts& texts, Locale locale, const Warning& warning) {
    auto values = warning.values;
    for (auto& [name, value] : values) {
        if (value.size() > 3) {
            value = shown_count(std::stoll(value));
        }
    }
    if (warning.band) {
        const std::size_t band = *warning.band;
        values["band"] = band_name(texts, locale, band);
    }
    return texts.text("report_warning." + std::string(to_text(warning.kind)), locale, values);
}

void show_whole_warnings(render::View& page, const render::Texts& texts, Locale locale, const Read& read,
                         const Error* error, const std::string& total_again) {
    render::View* whole = nullptr;
    for (const auto& warning : read.warnings) {
        if (warning.band) {
            continue;
        }
        if (whole == nullptr) {
            whole = &page.add("WHOLE");
            whole->set("TOTAL_AGAIN", total_again);
            show_error(*whole, "AGAIN_ERROR", texts, locale,
                       total_again.empty() ? nullptr : error_of(error, "total_again"));
        }
        whole->add("WHOLE_WARNING")
            .set("WARNING_TITLE", texts.text("report_warning_title." + std::string(to_text(warning.kind)), locale))
            .set("WARNING_TEXT", warning_text(texts, locale, warning));
    }
}

}  // namespace madoguchi::reports
