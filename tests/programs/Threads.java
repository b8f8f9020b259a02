import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/** Threads, locks, the just-in-time compiler, the garbage collector, files, and exceptions that the runtime makes of faults. */
public final class Threads {
    private static String text;

    public static void main(String[] arguments) throws Exception {
        var sum = new AtomicLong();
        var map = new ConcurrentHashMap<Long, String>();
        var pool = Executors.newFixedThreadPool(8);
        var done = new CountDownLatch(64);
        for (long i = 0; i < 64; i++) {
            long number = i;
            pool.submit(() -> {
                for (int j = 0; j < 20_000; j++) {
                    sum.addAndGet(j % 7);
                    map.put(number * 100 + j % 100, "value " + j);
                }
                done.countDown();
            });
        }
        done.await(60, TimeUnit.SECONDS);
        pool.shutdown();
        System.out.println(sum.get() + " " + map.size());
        System.out.println(LongStream.rangeClosed(1, 100_000).parallel().map(n -> n * n % 1000).sum());
        try {
            System.out.println(text.length());
        } catch (NullPointerException exception) {
            System.out.println("null caught");
        }
        try {
            System.out.println(recurse(0));
        } catch (StackOverflowError error) {
            System.out.println("overflow caught");
        }
        Path file = Files.createTempFile("java", ".txt");
        Files.write(file, List.of("one", "two"));
        System.out.println(Files.readAllLines(file));
        Files.delete(file);
        for (int i = 0; i < 50; i++)
            text = new String(new byte[4 << 20]);
        System.out.println(text.length());
    }

    private static int recurse(int depth) {
        return recurse(depth + 1) + 1;
    }
}
