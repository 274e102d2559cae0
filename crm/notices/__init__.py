from crm.notices.queue import Recipient, queue_mail

__all__ = ["Recipient", "queue_mail"]
