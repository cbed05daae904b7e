/// From the object table into the rows of profiles: which values can be captured, and the capture of them.
#pragma once

#include "base/result.hpp"
#include "dlms/data.hpp"
#include "dlms/enumerations.hpp"
#include "meter/profile/profile.hpp"

namespace ferraris::meter {

class Instrument;

/// What the value of `object` is right now, read as the utility reads it, a view into `buffer`; of structures and
/// arrays the element that its data index says, if that is not 0. Or why it cannot be had.
[[nodiscard]] Result<dlms::DataElement, dlms::DataAccessResult> present_value(Instrument& meter,
                                                                              const dlms::CaptureObject& object,
                                                                              ByteSpan buffer);
/// Room for the value of one attribute. Longer ones cannot be captured, nor any part of them.
inline constexpr std::size_t kMaxPresentValue = 512;

/// Appends `object` to the columns of `setup`: `success`, or why it cannot be captured. What can be: stamp and status
/// of the row, and every value in the table that the utility reads without more ado, a number, a date or time, or a
/// string of up to `kMaxCapturedString` octets; of structures and arrays one element, by its data index.
[[nodiscard]] dlms::DataAccessResult add_column(Instrument& meter, const dlms::CaptureObject& object,
                                                ProfileSetup& setup);
/// What the table of profiles says, without objects that this meter does not have.
[[nodiscard]] ProfileSetup default_setup(Instrument& meter, ProfileIndex index);

/// How the present value of `object` would lie in a row, or why it cannot: for what has no stamp and status of its own.
[[nodiscard]] Result<ProfileColumn, dlms::DataAccessResult> column_for(Instrument& meter,
                                                                       const dlms::CaptureObject& object);
/// The present value of a column without its type, strings behind their length; zero or empty where it is of another
/// type.
void write_present(Instrument& meter, const ProfileColumn& column, ByteWriter& out);

/// Takes the values of now into `row`. One of another type than its column's, or longer, is zero or empty, and the
/// row's status says that its data are not valid.
void capture_values(Instrument& meter, const ProfileSetup& setup, ProfileRow& row);

/// Longer strings are not captured.
inline constexpr std::size_t kMaxCapturedString = 32;

}  // namespace ferraris::meter
