#include "render/paper.hpp"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>

#include <array>
#include <charconv>
#include <numbers>
#include <stdexcept>
#include <unordered_map>

namespace madoguchi::render {
namespace {

constexpr double kWidth_mm = 210;
constexpr double kHeight_mm = 297;
constexpr double kPoint = 72.0 / 25.4;  // points in a millimetre

struct Colour {
    double red, green, blue;
};

// The roles of the same names in madoguchi.css.
constexpr std::array<Colour, 5> kInks = {
    {{0.10, 0.10, 0.10}, {0.35, 0.35, 0.35}, {0.00, 0.24, 0.54}, {0.87, 0.94, 1.00}, {0.40, 0.40, 0.40}}};

template <class T>
using Held = std::unique_ptr<T, void (*)(T*)>;

void unref(PangoLayout* layout) {
    g_object_unref(layout);
}
void unref_map(PangoFontMap* map) {
    g_object_unref(map);
}
void unref_context(PangoContext* context) {
    g_object_unref(context);
}

std::string_view family(Face face) {
    return face == Face::code ? "Noto Sans Mono CJK JP" : "Noto Sans CJK JP";
}

PangoAlignment alignment(Align align) {
    return align == Align::right ? PANGO_ALIGN_RIGHT : align == Align::center ? PANGO_ALIGN_CENTER : PANGO_ALIGN_LEFT;
}

}  // namespace

struct Paper::Canvas {
    explicit Canvas(Locale locale_)
        : locale(locale_),
          surface(cairo_pdf_surface_create_for_stream(&Canvas::append, this, kWidth_mm * kPoint, kHeight_mm * kPoint),
                  &cairo_surface_destroy),
          pen(cairo_create(surface.get()), &cairo_destroy),
          fonts(pango_cairo_font_map_new(), &unref_map),
          context(pango_font_map_create_context(fonts.get()), &unref_context) {
        pango_cairo_context_set_resolution(context.get(), 72);
        pango_context_set_round_glyph_positions(context.get(), FALSE);
        pango_context_set_language(context.get(), pango_language_from_string(locale == Locale::ja ? "ja-JP" : "en-GB"));
        Held<cairo_font_options_t> options(cairo_font_options_create(), &cairo_font_options_destroy);
        cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
        cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
        pango_cairo_context_set_font_options(context.get(), options.get());
        cairo_scale(pen.get(), kPoint, kPoint);
    }

    static cairo_status_t append(void* canvas, const unsigned char* data, unsigned length) {
        static_cast<Canvas*>(canvas)->bytes.append(reinterpret_cast<const char*>(data), length);
        return CAIRO_STATUS_SUCCESS;
    }

    void use(Ink ink) {
        const auto& colour = kInks.at(static_cast<std::size_t>(ink));
        cairo_set_source_rgb(pen.get(), colour.red, colour.green, colour.blue);
    }

    void paint(double width_pt, Ink ink, Fill fill) {
        use(ink);
        if (fill == Fill::filled) {
            cairo_fill(pen.get());
            return;
        }
        cairo_set_line_width(pen.get(), width_pt / kPoint);
        cairo_stroke(pen.get());
    }

    // Most of a letter is the same on every page: what was shaped once is only shown again.
    PangoLayout* layout(const Area& area, const TextStyle& style, std::string_view text);
    Held<PangoLayout> shape(const Area& area, const TextStyle& style, std::string_view text) const;

    std::string bytes;  // outlives the surface, which writes into it
    Locale locale;
    Held<cairo_surface_t> surface;
    Held<cairo_t> pen;
    Held<PangoFontMap> fonts;
    Held<PangoContext> context;
    std::unordered_map<std::string, Held<PangoLayout>> layouts;
};

PangoLayout* Paper::Canvas::layout(const Area& area, const TextStyle& style, std::string_view text) {
    constexpr std::size_t kKept = 200;
    std::string key = std::to_string(area.width) + "|" + std::to_string(style.size_pt) + "|" +
                      std::to_string(static_cast<int>(style.face)) + std::to_string(static_cast<int>(style.align)) +
                      std::to_string(style.line_height) + "|";
    key += text;
    if (const auto known = layouts.find(key); known != layouts.end()) {
        return known->second.get();
    }
    if (layouts.size() >= kKept) {
        layouts.clear();
    }
    return layouts.emplace(std::move(key), shape(area, style, text)).first->second.get();
}

Held<PangoLayout> Paper::Canvas::shape(const Area& area, const TextStyle& style, std::string_view text) const {
    Held<PangoLayout> made(pango_layout_new(context.get()), &unref);
    Held<PangoFontDescription> font(pango_font_description_new(), &pango_font_description_free);
    pango_font_description_set_family(font.get(), std::string(family(style.face)).c_str());
    pango_font_description_set_weight(font.get(), style.face == Face::text ? PANGO_WEIGHT_NORMAL : PANGO_WEIGHT_BOLD);
    pango_font_description_set_size(font.get(), static_cast<int>(style.size_pt * PANGO_SCALE));
    pango_layout_set_font_description(made.get(), font.get());
    pango_layout_set_width(made.get(), static_cast<int>(area.width * kPoint * PANGO_SCALE));
    pango_layout_set_wrap(made.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(made.get(), alignment(style.align));
    // The face's own lines are high; ours are those of the design.
    pango_layout_set_line_spacing(made.get(), static_cast<float>(style.line_height / 1.448));
    pango_layout_set_text(made.get(), text.data(), static_cast<int>(text.size()));
    return made;
}

Paper::Paper(Locale locale, std::string_view title) : canvas_(std::make_unique<Canvas>(locale)) {
    if (cairo_status(canvas_->pen.get()) != CAIRO_STATUS_SUCCESS) {
        throw std::runtime_error("no PDF surface");
    }
    cairo_pdf_surface_set_metadata(canvas_->surface.get(), CAIRO_PDF_METADATA_TITLE, std::string(title).c_str());
    cairo_pdf_surface_set_metadata(canvas_->surface.get(), CAIRO_PDF_METADATA_CREATOR, "Madoguchi");
}

Paper::~Paper() = default;

double Paper::text(Area area, const TextStyle& style, std::string_view text) {
    auto* const pen = canvas_->pen.get();
    // Secrets stand in the code face: they are not kept for another page.
    const Held<PangoLayout> once =
        style.face == Face::code ? canvas_->shape(area, style, text) : Held<PangoLayout>(nullptr, &unref);
    auto* const layout = once ? once.get() : canvas_->layout(area, style, text);
    canvas_->use(style.ink);
    cairo_save(pen);
    cairo_translate(pen, area.x, area.y);
    cairo_scale(pen, 1 / kPoint, 1 / kPoint);
    cairo_move_to(pen, 0, 0);
    pango_cairo_show_layout(pen, layout);
    cairo_restore(pen);
    int height = 0;
    pango_layout_get_size(layout, nullptr, &height);
    return area.y + height / static_cast<double>(PANGO_SCALE) / kPoint;
}

void Paper::line(double x1, double y1, double x2, double y2, double width_pt, Ink ink) {
    auto* const pen = canvas_->pen.get();
    cairo_new_path(pen);
    cairo_move_to(pen, x1, y1);
    cairo_line_to(pen, x2, y2);
    canvas_->paint(width_pt, ink, Fill::none);
}

void Paper::box(Area area, double height, double radius, double width_pt, Ink ink, Fill fill) {
    constexpr double kQuarter = std::numbers::pi / 2;
    auto* const pen = canvas_->pen.get();
    const double right = area.x + area.width - radius;
    const double bottom = area.y + height - radius;
    cairo_new_path(pen);
    cairo_arc(pen, right, area.y + radius, radius, -kQuarter, 0);
    cairo_arc(pen, right, bottom, radius, 0, kQuarter);
    cairo_arc(pen, area.x + radius, bottom, radius, kQuarter, 2 * kQuarter);
    cairo_arc(pen, area.x + radius, area.y + radius, radius, 2 * kQuarter, 3 * kQuarter);
    cairo_close_path(pen);
    canvas_->paint(width_pt, ink, fill);
}

void Paper::circle(double x, double y, double radius, Ink ink, Fill fill, double width_pt) {
    auto* const pen = canvas_->pen.get();
    cairo_new_path(pen);
    cairo_arc(pen, x, y, radius, 0, 2 * std::numbers::pi);
    canvas_->paint(width_pt, ink, fill);
}

void Paper::qr(double x, double y, double side, const QrCode& code) {
    auto* const pen = canvas_->pen.get();
    const double module = side / code.size;
    cairo_save(pen);
    cairo_set_antialias(pen, CAIRO_ANTIALIAS_NONE);
    cairo_new_path(pen);
    for (const auto& run : code.runs) {
        cairo_rectangle(pen, x + run.x * module, y + run.y * module, run.length * module, module);
    }
    cairo_set_source_rgb(pen, 0, 0, 0);
    cairo_fill(pen);
    cairo_restore(pen);
}

void Paper::path(std::string_view commands, double x, double y, double scale, Ink ink, Fill fill) {
    auto* const pen = canvas_->pen.get();
    std::array<double, 3> numbers{};
    cairo_new_path(pen);
    while (!commands.empty()) {
        const char what = commands.front();
        commands.remove_prefix(1);
        const std::size_t count = what == 'A' ? 3 : 2;
        for (std::size_t i = 0; i < count; ++i) {
            commands.remove_prefix(std::min(commands.find_first_not_of(' '), commands.size()));
            const auto end = std::from_chars(commands.data(), commands.data() + commands.size(), numbers.at(i)).ptr;
            commands.remove_prefix(static_cast<std::size_t>(end - commands.data()));
        }
        commands.remove_prefix(std::min(commands.find_first_not_of(' '), commands.size()));
        const double to_x = x + numbers[0] * scale;
        const double to_y = y + numbers[1] * scale;
        if (what == 'M') {
            cairo_move_to(pen, to_x, to_y);
        } else if (what == 'L') {
            cairo_line_to(pen, to_x, to_y);
        } else {
            cairo_arc(pen, to_x, to_y, numbers[2] * scale, std::numbers::pi, 2 * std::numbers::pi);
        }
    }
    cairo_set_line_join(pen, CAIRO_LINE_JOIN_ROUND);
    cairo_set_line_cap(pen, CAIRO_LINE_CAP_ROUND);
    canvas_->paint(1.2, ink, fill);
}

void Paper::next_page() {
    cairo_show_page(canvas_->pen.get());
}

std::string Paper::finish() {
    cairo_surface_finish(canvas_->surface.get());
    if (cairo_surface_status(canvas_->surface.get()) != CAIRO_STATUS_SUCCESS) {
        throw std::runtime_error("the PDF could not be written");
    }
    return std::move(canvas_->bytes);
}

}  // namespace madoguchi::render
