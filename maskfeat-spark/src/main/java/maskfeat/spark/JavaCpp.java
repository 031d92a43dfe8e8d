package maskfeat.spark;

/**
 * What the launcher of the program gives to its JVM, and nobody to an executor's: scopes free the tensors, so that JavaCPP must not
 * call the collector nor fail above four times the heap; and MKL takes OpenBLAS's place where it is.
 */
final class JavaCpp {
    private JavaCpp() {}

    /** To be called before the first class of JavaCPP is loaded. What was said by {@code -D} stays. */
    static void settings() {
        unlessSaid("org.bytedeco.javacpp.maxBytes", "0");
        unlessSaid("org.bytedeco.javacpp.maxPhysicalBytes", "0");
        if (JavaCpp.class.getResource("/org/bytedeco/mkl/global/mkl_rt.class") != null) {
            unlessSaid("org.bytedeco.openblas.load", "mkl");
        }
    }

    private static void unlessSaid(String name, String value) {
        if (System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
