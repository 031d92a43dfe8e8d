package maskfeat.cli;

import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest; run from class files there is none. */
final class Version implements IVersionProvider {
    static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"maskfeat " + text()};
    }
}
