# Child processes, which the C library starts without fork.
import os
import signal
import subprocess

print(subprocess.run(["/bin/echo", "hello"], capture_output=True, text=True).stdout)
print(subprocess.run(["/usr/bin/tr", "a-z", "A-Z"], input="upper", capture_output=True, text=True).stdout)
print(subprocess.run(["/bin/sh", "-c", "echo error >&2; exit 3"], capture_output=True))
print(subprocess.run("echo $VARIABLE", shell=True, env={"VARIABLE": "value"}, capture_output=True).stdout)
child = subprocess.Popen(["/bin/sleep", "100"])
child.send_signal(signal.SIGTERM)
print(child.wait())
try:
    subprocess.run(["/does/not/exist"])
except FileNotFoundError as error:
    print(error)
pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 9"], {})
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
    output, _ = cat.communicate(b"z" * 1000000)
    print(len(output), cat.returncode)
