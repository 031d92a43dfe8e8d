package maskfeat.cli;

import java.util.Arrays;
import maskfeat.data.Scan;
import picocli.CommandLine;

/** What files are to be read as, in small letters. */
public final class ScanKind implements CommandLine.ITypeConverter<Scan.As> {
    @Override
    public Scan.As convert(String name) {
        return Arrays.stream(Scan.As.values())
                .filter(as -> as.name().equalsIgnoreCase(name))
                .findFirst()
                .orElseThrow(
                        () -> new CommandLine.TypeConversionException("'" + name + "' must be auto, images or videos"));
    }
}
