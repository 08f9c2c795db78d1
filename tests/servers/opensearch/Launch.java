import java.util.concurrent.CountDownLatch;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/**
 * Runs one OpenSearch node for the end-to-end tests until the process is told to stop.
 * Arguments: the data directory, the HTTP port, the transport port.
 */
public final class Launch {
    private Launch() {
    }

    public static void main(final String[] args) throws Exception {
        final String directory = args[0];
        final int httpPort = Integer.parseInt(args[1]);
        final String transportPort = args[2];

        final OpenSearchRunner runner = new OpenSearchRunner();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> close(runner)));
        runner.setMaxHttpPort(65535);
        runner.onBuild((number, settings) -> {
            settings.put("discovery.type", "single-node");
            settings.put("transport.port", transportPort);
            settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
        });
        // The runner adds the number of the node, 1, to the base port.
        runner.build("-basePath", directory, "-numOfNode", "1", "-baseHttpPort", String.valueOf(httpPort - 1));
        new CountDownLatch(1).await();
    }

    private static void close(final OpenSearchRunner runner) {
        try {
            runner.close();
        } catch (final java.io.IOException e) {
            System.err.println("OpenSearch did not close in order: " + e);
        }
    }
}
