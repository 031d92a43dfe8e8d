package maskfeat.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a component of a settings record that older files do not have. Where a complete file of an earlier version lacks
 * the key, it takes the value that the program had built in when that file was written; in a file of this version or a
 * later one a missing key is an error.
 *
 * <p>A record that is part of several {@link Format}s needs one number for all of them: raise their versions together.
 */
@Documented
@Target({ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
public @interface Added {
    /** First version of the format that has the key. */
    int in();

    /** The value before that version, as YAML: {@code 4}, {@code null}, <code>{kind: none}</code>. */
    String before();
}
