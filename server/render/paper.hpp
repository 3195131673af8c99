// Sheets of A4 as PDF: text in Japanese typography that can be searched and copied, lines and plain shapes. Lengths are
// millimetres from the top left corner, sizes of type are points. The only file that knows Pango and Cairo.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/locale.hpp"
#include "render/qr_code.hpp"

namespace madoguchi::render {

enum class Face { text, bold, code };
enum class Ink { black, soft, key, pale, line };
enum class Align { left, right, center };

struct TextStyle {
    double size_pt = 10.5;
    Face face = Face::text;
    Ink ink = Ink::black;
    Align align = Align::left;
    double line_height = 1.6;  // of the size
};

struct Area {
    double x = 0;
    double y = 0;
    double width = 0;
};

enum class Fill { none, filled };

class Paper {
public:
    /// `title` is what a viewer shows in its window. Throws std::runtime_error where no PDF can be made.
    Paper(Locale locale, std::string_view title);
    ~Paper();
    Paper(const Paper&) = delete;
    Paper& operator=(const Paper&) = delete;

    /// Lays `text` out from `area`'s top, broken at its width; returns the y below it.
    double text(Area area, const TextStyle& style, std::string_view text);
    void line(double x1, double y1, double x2, double y2, double width_pt, Ink ink);
    void box(Area area, double height, double radius, double width_pt, Ink ink, Fill fill = Fill::none);
    void circle(double x, double y, double radius, Ink ink, Fill fill, double width_pt = 1);
    void qr(double x, double y, double side, const QrCode& code);
    /// A path of "M x y", "L x y" and "A cx cy r" (the upper half of a circle), as a pen draws it.
    void path(std::string_view commands, double x, double y, double scale, Ink ink, Fill fill);
    void next_page();
    /// The bytes of the PDF; nothing may be drawn after it.
    std::string finish();

private:
    struct Canvas;
    std::unique_ptr<Canvas> canvas_;
};

}  // namespace madoguchi::render
