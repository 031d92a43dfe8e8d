package maskfeat.spark;

import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;
import java.util.function.Supplier;
import maskfeat.data.ClipSampler;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What executors do with the files of a task. The first attempt decodes in the executor; one that follows a failure, which may have
 * been a crash of the executor, decodes in a process of its own.
 */
final class Work implements FlatMapFunction<Iterator<RemoteFile>, Row> {
    private static final long serialVersionUID = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Work.class);

    /** Makes rows of files. */
    interface Maker extends Serializable {
        /** What is decoded, with the weights where they lie on this machine. */
        Decoding decoding();

        /** The columns of the rows. */
        StructType schema();

        /**
         * Makes one row of each file, in order, as they are asked for.
         *
         * @param decoders makes the decoder of the task
         * @param stopped whether the task is to end
         */
        Iterator<Row> rows(Iterator<RemoteFile> files, DecoderMaker decoders, Supplier<Boolean> stopped)
                throws IOException;
    }

    /** Makes the decoder of a task. */
    @FunctionalInterface
    interface DecoderMaker {
        /** @param clip that the network reads */
        Decoder of(ClipSampler clip);
    }

    private final Broadcast<SerializableConfiguration> hadoop;
    private final Maker maker;

    Work(Broadcast<SerializableConfiguration> hadoop, Maker maker) {
        this.hadoop = hadoop;
        this.maker = maker;
    }

    @Override
    public Iterator<Row> call(Iterator<RemoteFile> files) throws IOException {
        JavaCpp.settings();
        TaskContext task = TaskContext.get();
        Configuration configuration = hadoop.value().value();
        HadoopFiles source = new HadoopFiles(configuration);
        boolean apart = task.attemptNumber() > 0;
        if (apart) {
            LOG.warn(
                    "attempt {} of task {}: files are decoded in a process of their own",
                    task.attemptNumber() + 1,
                    task.partitionId());
        }
        return maker.rows(
                files,
                clip -> {
                    Decoder decoder = apart
                            ? new DecoderApart(source, maker.decoding())
                            : new DecoderHere(source, maker.decoding(), clip);
                    task.addTaskCompletionListener((TaskCompletionListener) end -> decoder.close());
                    return decoder;
                },
                task::isInterrupted);
    }
}
