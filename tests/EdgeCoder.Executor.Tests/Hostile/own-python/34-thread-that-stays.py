# SAFE: waiting for a thread that never ends must reach the limit
import threading
threading.Thread(target=threading.Event().wait).start()
