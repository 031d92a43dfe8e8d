package maskfeat.settings;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a component of a settings record that older files do not have. Where a file of an earlier version lacks the key,
 * it takes the value that the program had built in when that file was written.
 */
@Documented
@Target({ElementType.RECORD_COMPONENT})
@Retention(RetentionPolicy.RUNTIME)
public @interface Added {
    /** Version of the format that has the key first. */
    int in();

    /** The value until then, as a file would write it. */
    String before();
}
