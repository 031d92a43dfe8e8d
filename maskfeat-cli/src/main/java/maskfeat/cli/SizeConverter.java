package maskfeat.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of bytes on the command line: 1000000, 500MB, 1g. Of k, m, g (or KB, KiB and so on) 1024, its square, its cube. */
final class SizeConverter implements ITypeConverter<Long> {
    /** So few digits that no size is too large for a number. */
    private static final Pattern SIZE =
            Pattern.compile("(\\d{1,8})([kmg])(?:i?b)?|(\\d{1,15})b?", Pattern.CASE_INSENSITIVE);

    @Override
    public Long convert(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is no size; write for example 1g, 500MB or 1000000");
        }
        return matcher.group(3) != null
                ? Long.parseLong(matcher.group(3))
                : Long.parseLong(matcher.group(1))
                        << 10 * ("kmg".indexOf(matcher.group(2).toLowerCase(Locale.ROOT)) + 1);
    }
}
