package maskfeat.report;

import com.samskivert.mustache.Mustache;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** A page that needs nothing but itself. */
final class Page {
    private final String template;
    private final Map<String, Object> values = new LinkedHashMap<>();

    /** @param template file name without its ending */
    Page(String template) {
        this.template = template;
        put("chartStyle", Webjar.UPLOT.text("dist/uPlot.min.css"));
        put("chartScript", Webjar.UPLOT.text("dist/uPlot.iife.min.js"));
        put("chartLicence", Webjar.UPLOT.text("LICENSE"));
        put("style", resource("report.css"));
        put("script", resource("report.js"));
    }

    /** What the template calls so. */
    Page put(String name, Object value) {
        values.put(name, value);
        return this;
    }

    String html() {
        return Mustache.compiler()
                .escapeHTML(true)
                .withLoader(name -> new StringReader(resource(name + ".mustache")))
                .compile(resource(template + ".mustache"))
                .execute(values);
    }

    /** A reader sees the old page or the new one. */
    static void write(Path file, String html) {
        try {
            Path fresh = file.resolveSibling(file.getFileName() + ".tmp");
            Files.writeString(fresh, html);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e.getMessage(), e);
        }
    }

    private static String resource(String name) {
        return Webjar.read(Page.class.getResource(name), name);
    }
}
