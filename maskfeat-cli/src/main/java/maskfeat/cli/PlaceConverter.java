package maskfeat.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import maskfeat.disk.PathText;
import maskfeat.disk.Uris;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A path on the command line, which may be a URI of another file system. */
final class PlaceConverter implements ITypeConverter<Path> {
    @Override
    public Path convert(String text) {
        if (text.isEmpty()) { // else the folder that the program was started in
            throw new TypeConversionException("'' is no path: name a file or folder, or leave it away");
        }
        try {
            return PathText.path(text);
        } catch (InvalidPathException bad) {
            throw new TypeConversionException("'" + text + "': " + bad.getReason());
        }
    }

    /** Why a text is no path; empty if it is one. */
    static Optional<String> refusal(String text) {
        try {
            new PlaceConverter().convert(text);
            return Optional.empty();
        } catch (TypeConversionException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        }
    }

    /** Of what is written: on a disk alone. */
    static final class OnDisk implements ITypeConverter<Path> {
        @Override
        public Path convert(String text) {
            if (Uris.leadsElsewhere(text)) { // before a provider is looked for, who would be of no use
                throw new TypeConversionException("'" + text + "': what is written" + Uris.ON_DISK);
            }
            return new PlaceConverter().convert(text);
        }
    }
}
