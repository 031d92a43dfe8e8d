package maskfeat.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A JavaScript library on the class path. */
enum Webjar {
    UPLOT("uplot");

    private final String name;

    Webjar(String name) {
        this.name = name;
    }

    /** The version stands in the path, and only the build should have to know it. */
    String text(String file) {
        String about = "/META-INF/maven/org.webjars.npm/" + name + "/pom.properties";
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(read(Webjar.class.getResource(about), about)));
        } catch (IOException e) {
            throw new UncheckedIOException(about, e);
        }
        String path = "/META-INF/resources/webjars/" + name + "/" + properties.getProperty("version") + "/" + file;
        return read(Webjar.class.getResource(path), path);
    }

    static String read(@Nullable URL resource, String name) {
        if (resource == null) {
            throw new IllegalStateException(name + " is not on the class path: the program's jars are incomplete");
        }
        try (InputStream in = resource.openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }
}
