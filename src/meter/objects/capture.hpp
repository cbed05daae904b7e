/// Between the object table and the rows of profiles: which values can be captured, and how they go in and out.
#pragma once

#include "dlms/data.hpp"
#include "dlms/enumerations.hpp"
#include "meter/profile/profile.hpp"

namespace ferraris::meter {

class Instrument;

/// Appends `object` to the columns of `setup`: `success`, or why it cannot be captured. What can be: stamp and status
/// of the row, and every value in the table that the utility reads without more ado, a number, a date or time, or a
/// string of up to `kMaxCapturedString` octets; of structures and arrays one element, by its data index.
[[nodiscard]] dlms::DataAccessResult add_column(Instrument& meter, const dlms::CaptureObject& object,
                                                ProfileSetup& setup);
/// What the table of profiles says, without objects that this meter does not have.
[[nodiscard]] ProfileSetup default_setup(Instrument& meter, ProfileIndex index);

/// Takes the values of now into `row`. A value of another type than its column's, or a longer one, is not there.
void capture_values(Instrument& meter, const ProfileSetup& setup, ProfileRow& row);
/// The value of a column as it is shown; null-data when the row does not have it. `offset` is where it lies in the
/// row's octets.
void write_captured(const Instrument& meter, const ProfileRow& row, const ProfileSetup& setup, std::size_t column,
                    std::size_t offset, dlms::DataWriter& data);

/// Longer strings are not captured.
inline constexpr std::size_t kMaxCapturedString = 32;

}  // namespace ferraris::meter
