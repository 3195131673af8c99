#pragma once

namespace madoguchi {

/// Japanese first; English by a switch.
enum class Locale { ja, en };

}  // namespace madoguchi
